import Imaging
import Testing

@Suite struct RasterTests {
    /// A 3 × 2 picture whose pixels are numbered.
    private let numbered = Raster(width: 3, height: 2, layout: .gray, samples: .u8([1, 2, 3, 4, 5, 6]))

    /// The pictures that, stored with this orientation, are `numbered` upright, after EXIF 2.32, figure on 0x0112.
    private static let stored: [(Orientation, Int, [UInt8])] = [
        (.upright, 3, [1, 2, 3, 4, 5, 6]), (.mirrored, 3, [3, 2, 1, 6, 5, 4]),
        (.rotated180, 3, [6, 5, 4, 3, 2, 1]), (.mirroredRotated180, 3, [4, 5, 6, 1, 2, 3]),
        (.transposed, 2, [1, 4, 2, 5, 3, 6]), (.rotated90, 2, [3, 6, 2, 5, 1, 4]),
        (.transversed, 2, [6, 3, 5, 2, 4, 1]), (.rotated270, 2, [4, 1, 5, 2, 6, 3]),
    ]

    @Test(arguments: stored)
    func everyOrientationIsTurnedUpright(orientation: Orientation, width: Int, pixels: [UInt8]) {
        let lying = Raster(width: width, height: 6 / width, layout: .gray, samples: .u8(pixels))
        #expect(lying.oriented(from: orientation) == numbered)
    }

    @Test(arguments: PixelLayout.allCases, [8, 16])
    func turningTwiceBringsBackLargePictures(layout: PixelLayout, depth: Int) {
        let raster = Pictures.noise(75, 43, layout, depth: depth)
        for orientation in Orientation.allCases {
            let back: Orientation = [.rotated90: .rotated270, .rotated270: .rotated90][orientation] ?? orientation
            #expect(raster.oriented(from: orientation).oriented(from: back) == raster)
        }
    }

    @Test func narrowingRoundsToTheNearest() {
        let values = (0...65535).map { UInt16($0) }
        let wide = Raster(width: 256, height: 256, layout: .gray, samples: .u16(values))
        let expected = values.map { UInt8((Double($0) / 257).rounded()) }
        #expect(wide.to8Bit().samples == .u8(expected))
    }

    @Test func wideningAndNarrowingGivesTheSame() {
        let raster = Pictures.noise(16, 16, .rgba)
        #expect(raster.to16Bit().to8Bit() == raster)
    }

    @Test func layoutsConvert() {
        let raster = Raster(width: 2, height: 1, layout: .rgba, samples: .u8([255, 0, 0, 7, 10, 20, 30, 9]))
        #expect(raster.converted(to: .rgb).samples == .u8([255, 0, 0, 10, 20, 30]))
        #expect(raster.converted(to: .grayAlpha).samples == .u8([76, 7, 18, 9]))
        #expect(raster.converted(to: .gray).converted(to: .rgba).samples == .u8([76, 76, 76, 255, 18, 18, 18, 255]))
    }

    @Test func alphaIsLaidOverTheBackground() {
        let raster = Raster(
            width: 3, height: 1, layout: .rgba, samples: .u8([10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128]))
        #expect(raster.composited().samples == .u8([10, 20, 30, 255, 255, 255, 127, 127, 127]))
        let gray = Raster(width: 1, height: 1, layout: .grayAlpha, samples: .u16([0, 0]))
        #expect(gray.composited(on: (255, 0, 0)).samples == .u16([76 * 257]))
    }

    @Test func croppingTakesTheRectangle() {
        let raster = Raster(width: 3, height: 3, layout: .gray, samples: .u8([1, 2, 3, 4, 5, 6, 7, 8, 9]))
        let part = raster.cropped(x: 1, y: 1, width: 2, height: 2)
        #expect(part == Raster(width: 2, height: 2, layout: .gray, samples: .u8([5, 6, 8, 9])))
    }

    @Test(arguments: PixelLayout.allCases, [8, 16])
    func planesGoOutAndBackUnchanged(layout: PixelLayout, depth: Int) {
        let raster = Pictures.noise(9, 5, layout, depth: depth)
        var copy = Pictures.noise(9, 5, layout, depth: depth, seed: 2)
        for channel in 0..<layout.channels { copy.setPlane(raster.plane(channel), channel: channel) }
        #expect(copy == raster)
    }

    @Test func planesAreClampedAndRounded() {
        var raster = Raster(width: 4, height: 1, layout: .gray, samples: .u8([0, 0, 0, 0]))
        raster.setPlane(Plane(width: 4, height: 1, values: [-3, 300, 1.6, .nan]), channel: 0)
        #expect(raster.samples == .u8([0, 255, 2, 0]))
    }

    @Test func reducingAveragesAreas() {
        let raster = Raster(width: 4, height: 2, layout: .gray, samples: .u8([0, 100, 10, 30, 100, 200, 50, 70]))
        #expect(raster.reduced(toFit: 2) == Raster(width: 2, height: 1, layout: .gray, samples: .u8([100, 40])))
        #expect(raster.reduced(toFit: 9) == raster)
        let transparent = Raster(
            width: 2, height: 1, layout: .rgba, samples: .u8([200, 100, 50, 255, 0, 0, 0, 0]))
        #expect(transparent.reduced(toFit: 1).samples == .u8([200, 100, 50, 128]))
    }

    @Test(arguments: [PixelLayout.gray, .grayAlpha, .rgb, .rgba], [(31, 17, 9), (5, 64, 13), (40, 40, 39)])
    func reducingTakesFromEachPixelWhatLiesUnderIt(layout: PixelLayout, size: (Int, Int, Int)) throws {
        let (width, height, side) = size
        let channels = layout.channels
        var state: UInt64 = 7
        let values = (0..<width * height * channels).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 40)
        }
        let reduced = Raster(width: width, height: height, layout: layout, samples: .u8(values)).reduced(toFit: side)
        guard case .u8(let found) = reduced.samples else { throw TestFailure() }
        func share(_ index: Int, of target: Int, from source: Int, at pixel: Int) -> Double {
            let step = Double(source) / Double(target)
            let (low, high) = (Double(index) * step, Double(index + 1) * step)
            return max(0, min(high, Double(pixel + 1)) - max(low, Double(pixel))) / step
        }
        for y in 0..<reduced.height {
            for x in 0..<reduced.width {
                var sums = [Double](repeating: 0, count: channels)
                for from in 0..<width * height {
                    let weight =
                        share(x, of: reduced.width, from: width, at: from % width)
                        * share(y, of: reduced.height, from: height, at: from / width)
                    guard weight > 0 else { continue }
                    let alpha = layout.hasAlpha ? Double(values[from * channels + channels - 1]) : 1
                    for channel in 0..<layout.colorChannels {
                        sums[channel] += weight * alpha * Double(values[from * channels + channel])
                    }
                    if layout.hasAlpha { sums[channels - 1] += weight * alpha }
                }
                let at = (y * reduced.width + x) * channels
                for channel in 0..<layout.colorChannels {
                    let wanted = sums[channel] / (layout.hasAlpha ? sums[channels - 1] : 1)
                    #expect(abs(Double(found[at + channel]) - wanted) < 0.51)
                }
                if layout.hasAlpha { #expect(abs(Double(found[at + channels - 1]) - sums[channels - 1]) < 0.51) }
            }
        }
    }

    private struct TestFailure: Error {}
}
