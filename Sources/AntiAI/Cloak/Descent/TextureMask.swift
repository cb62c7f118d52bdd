import Imaging

/// Where a perturbation hides: in texture, not along single edges and not in flat areas.
///
/// The smaller eigenvalue of the structure tensor (luma gradients, averaged over 9×9) is large only where gradients of
/// several directions meet; a mask from local contrast would put teeth on the hard edges of flat artwork.
package enum TextureMask {
    /// What flat areas and plain edges get.
    package static let least: Float = 0.3
    /// The root of the smaller eigenvalue (luma 0…1 a pixel) from which on the full amplitude is used.
    private static let rich: Float = 0.02
    private static let reach = 4

    /// 0.3…1 for each pixel of a rectangle, which may reach beyond the picture. A function of the picture alone, so
    /// that it fits across rectangles.
    package static func make(_ raster: Raster, x: Int, y: Int, width: Int, height: Int) -> [Float] {
        let border = reach + 1
        let (wide, high) = (width + 2 * border, height + 2 * border)
        let luma = lumaAround(raster, x: x - border, y: y - border, width: wide, height: high)
        // Products of gradients with a border of `reach`.
        let (across, down) = (width + 2 * reach, height + 2 * reach)
        var products = [[Float]](repeating: [Float](repeating: 0, count: across * down), count: 3)
        luma.withUnsafeBufferPointer { luma in
            for index in 0..<3 {
                products[index].withUnsafeMutableBufferPointer { target in
                    for row in 0..<down {
                        for column in 0..<across {
                            let center = (row + 1) * wide + column + 1
                            let gx = (luma[center + 1] - luma[center - 1]) * 0.5
                            let gy = (luma[center + wide] - luma[center - wide]) * 0.5
                            target[row * across + column] = index == 0 ? gx * gx : index == 1 ? gx * gy : gy * gy
                        }
                    }
                }
            }
        }
        var mask = boxMeans(products[0], across, down)
        let (mixed, vertical) = (boxMeans(products[1], across, down), boxMeans(products[2], across, down))
        mask.withUnsafeMutableBufferPointer { mask in
            mixed.withUnsafeBufferPointer { mixed in
                vertical.withUnsafeBufferPointer { vertical in
                    for place in 0..<mask.count {
                        let (a, b, c) = (mask[place], mixed[place], vertical[place])
                        let half = (a - c) * 0.5
                        let smaller = max((a + c) * 0.5 - (half * half + b * b).squareRoot(), 0).squareRoot()
                        mask[place] = least + (1 - least) * min(smaller / rich, 1)
                    }
                }
            }
        }
        return mask
    }

    private static func lumaAround(_ raster: Raster, x: Int, y: Int, width: Int, height: Int) -> [Float] {
        var luma = [Float](repeating: 0, count: width * height)
        let columns = (0..<width).map { mirrored(x + $0, raster.width) }
        SampleReader(raster).withSamples { sample in
            for row in 0..<height {
                let start = mirrored(y + row, raster.height) * raster.width
                for column in 0..<width {
                    let pixel = start + columns[column]
                    luma[row * width + column] =
                        0.299 * sample(pixel, 0) + 0.587 * sample(pixel, 1) + 0.114 * sample(pixel, 2)
                }
            }
        }
        return luma
    }

    /// Mirrored at the first and last sample, which are not repeated.
    private static func mirrored(_ index: Int, _ count: Int) -> Int {
        guard count > 1 else { return 0 }
        let period = 2 * (count - 1)
        let wrapped = ((index % period) + period) % period
        return wrapped < count ? wrapped : period - wrapped
    }

    /// Means over 9×9 for all places that have them; the result is smaller by `reach` on each side.
    private static func boxMeans(_ values: [Float], _ width: Int, _ height: Int) -> [Float] {
        let size = 2 * reach + 1
        let (wide, high) = (width - 2 * reach, height - 2 * reach)
        var means = [Float](repeating: 0, count: wide * high)
        var sums = [Float](repeating: 0, count: width)
        let scale = 1 / Float(size * size)
        values.withUnsafeBufferPointer { values in
            sums.withUnsafeMutableBufferPointer { sums in
                means.withUnsafeMutableBufferPointer { means in
                    for y in 0..<high {
                        sums.update(repeating: 0)
                        for offset in 0..<size {
                            let row = values.baseAddress! + (y + offset) * width
                            for x in 0..<width { sums[x] += row[x] }
                        }
                        let target = means.baseAddress! + y * wide
                        for offset in 0..<size {
                            let source = sums.baseAddress! + offset
                            for x in 0..<wide { target[x] += source[x] * scale }
                        }
                    }
                }
            }
        }
        return means
    }
}
