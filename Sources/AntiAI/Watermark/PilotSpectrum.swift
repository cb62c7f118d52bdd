import Foundation

/// The power spectrum of a working picture, levelled, as a table of bytes in which the pilot's tones are looked up.
///
/// Half a plane: rows are vertical frequencies modulo `size`, columns horizontal ones from 0.
struct PilotSpectrum {
    /// Bins per cycle per pixel.
    let size: Int
    /// Bytes from row to row, a power of two.
    let pitch: Int
    let table: [UInt8]
    /// Highest frequency in the table, cycles per pixel.
    static let highest = 0.42

    init(_ picture: WorkingPicture) {
        // Large pictures are cut into blocks whose power is summed: finer bins would only make the search longer.
        let across = (picture.width + 1023) / 1024
        let down = (picture.height + 1023) / 1024
        let (blockWidth, blockHeight) = (picture.width / across, picture.height / down)
        let padded = Double(max(blockWidth, blockHeight)) * 4 / 3
        var size = 256
        while Double(size) < padded - 1 { size *= 2 }
        let columns = (Int(PilotSpectrum.highest * Double(size)) + 8) / 8 * 8
        let fft = FourierTransform(count: size)
        var power = [Float](repeating: 0, count: size * columns)
        for row in 0..<down {
            for column in 0..<across {
                PilotSpectrum.addPower(
                    of: picture, left: column * blockWidth, top: row * blockHeight, width: blockWidth,
                    height: blockHeight, fft, columns, &power)
            }
        }
        self.size = size
        pitch = size / 2
        table = PilotSpectrum.levelled(power, size: size, columns: columns)
    }

    /// Adds |F|² of one block, in a window that falls off only near its edges.
    private static func addPower(
        of picture: WorkingPicture, left: Int, top: Int, width: Int, height: Int, _ fft: FourierTransform,
        _ columns: Int, _ power: inout [Float]
    ) {
        typealias Lanes = FourierTransform.Lanes
        let size = fft.count
        func window(_ count: Int) -> [Float] {
            (0..<count).map { Float(pow(0.5 - 0.5 * cos(2 * Double.pi * Double($0 + 1) / Double(count + 1)), 0.15)) }
        }
        let (across, down) = (window(width), window(height))
        // Spectra of the rows, eight columns side by side: element (column / 8) · height + row.
        let groups = columns / 8
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 2 * groups * height + 2 * size) { memory in
            let rowRe = memory.baseAddress!
            let rowIm = rowRe + groups * height
            let (x, y) = (rowIm + groups * height, rowIm + groups * height + size)
            picture.withPixels { pixels in
                // Sixteen real rows at a time: eight lanes, two rows in the real and the imaginary part of each.
                for first in stride(from: 0, to: height, by: 16) {
                    for index in 0..<size { (x[index], y[index]) = (.zero, .zero) }
                    let (xs, ys) = (UnsafeMutableRawPointer(x), UnsafeMutableRawPointer(y))
                    let (fx, fy) = (xs.assumingMemoryBound(to: Float.self), ys.assumingMemoryBound(to: Float.self))
                    for lane in 0..<16 where first + lane < height {
                        let row = pixels + (top + first + lane) * picture.stride + left
                        let to = (lane < 8 ? fx : fy) + lane % 8
                        let weight = down[first + lane]
                        for column in 0..<width {
                            to[Int(fft.order[column]) * 8] = row[column] * across[column] * weight
                        }
                    }
                    fft.transform(x, y)
                    let (re, im) = (rowRe.floats, rowIm.floats)
                    for column in 0..<columns {
                        let mirror = (size - column) & (size - 1)
                        let (a, b, c, d) = (x[column], y[column], x[mirror], y[mirror])
                        let (upperRe, upperIm) = ((a + c) * 0.5, (b - d) * 0.5)
                        let (lowerRe, lowerIm) = ((b + d) * 0.5, (c - a) * 0.5)
                        let at = (column / 8 * height + first) * 8 + column % 8
                        for lane in 0..<8 where first + lane < height {
                            re[at + lane * 8] = upperRe[lane]
                            im[at + lane * 8] = upperIm[lane]
                        }
                        for lane in 0..<8 where first + lane + 8 < height {
                            re[at + (lane + 8) * 8] = lowerRe[lane]
                            im[at + (lane + 8) * 8] = lowerIm[lane]
                        }
                    }
                }
            }
            power.withUnsafeMutableBytes { power in
                for group in 0..<groups {
                    for index in 0..<size { (x[index], y[index]) = (.zero, .zero) }
                    for row in 0..<height {
                        let to = Int(fft.order[row])
                        (x[to], y[to]) = (rowRe[group * height + row], rowIm[group * height + row])
                    }
                    fft.transform(x, y)
                    for row in 0..<size {
                        let at = (row * columns + group * 8) * 4
                        let sum =
                            power.loadUnaligned(fromByteOffset: at, as: Lanes.self) + x[row] * x[row] + y[row] * y[row]
                        power.storeBytes(of: sum, toByteOffset: at, as: Lanes.self)
                    }
                }
            }
        }
    }

    /// min(P / local mean of P, 10) in 25ths: a tone stands out by its neighbourhood, and none counts for too much.
    private static func levelled(_ power: [Float], size: Int, columns: Int) -> [UInt8] {
        let radius = size * 20 / 1024
        var table = [UInt8](repeating: 0, count: size * size / 2)
        power.withUnsafeBufferPointer { power in
            table.withUnsafeMutableBufferPointer { table in
                withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * columns) { memory in
                    // Vertically the spectrum is periodic; at the left the window is cut off.
                    let sums = memory.baseAddress!
                    for x in 0..<columns { sums[x] = 0 }
                    let mask = size - 1
                    for y in -radius...radius {
                        let row = power.baseAddress! + (y & mask) * columns
                        for x in 0..<columns { sums[x] += row[x] }
                    }
                    let rows = Float(2 * radius + 1)
                    for y in 0..<size {
                        let row = power.baseAddress! + y * columns
                        var sum: Float = 0
                        for x in 0..<min(radius, columns) { sum += sums[x] }
                        for x in 0..<columns {
                            if x + radius < columns { sum += sums[x + radius] }
                            if x > radius { sum -= sums[x - radius - 1] }
                            let count = Float(min(x + radius, columns - 1) - max(x - radius, 0) + 1) * rows
                            table[y * size / 2 + x] = UInt8(min(row[x] * count / max(sum, 1e-6), 10) * 25)
                        }
                        let (leaving, entering) = ((y - radius) & mask, (y + radius + 1) & mask)
                        let (old, new) = (
                            power.baseAddress! + leaving * columns, power.baseAddress! + entering * columns
                        )
                        for x in 0..<columns { sums[x] += new[x] - old[x] }
                    }
                }
            }
        }
        return table
    }
}

extension UnsafeMutablePointer where Pointee == FourierTransform.Lanes {
    var floats: UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: Float.self)
    }
}
