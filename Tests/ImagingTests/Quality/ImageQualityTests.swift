import Core
import Imaging
import Testing

struct ImageQualityTests {
    /// Size, change, SSIMULACRA2 by PyPI's ssimulacra2 0.3.0, SSIM by scikit-image, PSNR by NumPy.
    static let published: [(Int, Int, String, Double, Double, Double)] = [
        (256, 256, "dither1", 91.7916, 0.98542, 44.3494), (256, 256, "dither4", 62.8005, 0.81264, 32.3536),
        (256, 256, "blue", 65.2192, 0.99668, 29.7214), (256, 256, "shift", 28.1221, 0.79369, 17.9870),
        (256, 256, "coarse", 11.1468, 0.97369, 36.5673), (301, 197, "dither1", 95.6372, 0.98546, 44.3536),
        (301, 197, "dither4", 81.2050, 0.81297, 32.3574), (301, 197, "blue", 75.5757, 0.99670, 29.7224),
        (301, 197, "shift", 8.7742, 0.79568, 17.9221), (301, 197, "coarse", 62.6600, 0.96641, 36.5563),
        (64, 40, "dither1", 96.6307, 0.98954, 44.3670), (64, 40, "shift", 9.9425, 0.84160, 18.4054),
        (64, 40, "coarse", 89.9454, 0.95977, 36.3911),
    ]

    @Test(arguments: published.indices)
    func agreesWithOtherPrograms(_ index: Int) throws {
        let (width, height, change, score, ssim, psnr) = Self.published[index]
        let original = QualityPictures.base(width, height)
        let report = try ImageQuality.compare(original, QualityPictures.changed(original, change))
        #expect(abs(report.ssimulacra2 - score) < 0.05)
        #expect(abs(report.ssim - ssim) < 0.0001)
        #expect(abs((report.psnr ?? 0) - psnr) < 0.001)
    }

    @Test(arguments: [(1, 1), (3, 7), (8, 8), (9, 200), (130, 131)])
    func identicalPicturesAreIdentical(_ width: Int, _ height: Int) throws {
        for layout in PixelLayout.allCases {
            for depth in [8, 16] {
                let picture = Pictures.noise(width, height, layout, depth: depth)
                let report = try ImageQuality.compare(picture, picture)
                #expect(report.ssimulacra2 == 100)
                #expect(report.psnr == nil)
                #expect(report.ssim > 0.999999)
                #expect(report.worstDeltaE == 0)
            }
        }
    }

    @Test func sizesThatDifferAreAnError() {
        let first = Pictures.gradient(10, 10)
        let second = Pictures.gradient(10, 11)
        #expect(throws: UserError.self) { try ImageQuality.compare(first, second) }
        #expect(throws: UserError.self) { try ImageQuality.heatmap(first, second) }
    }

    @Test func whatNobodyCanSeeCostsNothing() throws {
        let hidden = Raster(width: 16, height: 16, layout: .rgba, samples: .u8(Self.pixels(alpha: 0, red: 10)))
        let other = Raster(width: 16, height: 16, layout: .rgba, samples: .u8(Self.pixels(alpha: 0, red: 200)))
        #expect(try ImageQuality.compare(hidden, other).ssimulacra2 == 100)
        #expect(try ImageQuality.compare(hidden, other).psnr == nil)
    }

    @Test func aChangeThatShowsOnlyOverWhiteCounts() throws {
        let black = Raster(width: 16, height: 16, layout: .rgba, samples: .u8(Self.pixels(alpha: 255, red: 0)))
        let clear = Raster(width: 16, height: 16, layout: .rgba, samples: .u8(Self.pixels(alpha: 0, red: 0)))
        let report = try ImageQuality.compare(black, clear)
        #expect(report.ssimulacra2 < 50)
        #expect(report.worstDeltaE > 90)
    }

    @Test func depthAndLayoutDoNotMatter() throws {
        let gray = Pictures.noise(40, 30, .gray)
        #expect(try ImageQuality.compare(gray, gray.to16Bit().converted(to: .rgb)).psnr == nil)
    }

    @Test func largePicturesScoreLikeKeptOnes() {
        let original = QualityPictures.base(700, 530)
        let changed = QualityPictures.changed(original, "dither4")
        let kept = SSIMULACRA2Reference(original, keepingUpTo: .max).score(changed)
        let anew = SSIMULACRA2Reference(original, keepingUpTo: 0).score(changed)
        #expect(kept == anew)
    }

    @Test func theHeatmapShowsThePlaceOfTheChange() throws {
        let original = Pictures.gradient(64, 64)
        var values = Pictures.bytes(original)
        for y in 8..<16 { for x in 8..<16 { values[3 * (y * 64 + x)] ^= 64 } }
        let changed = Raster(width: 64, height: 64, layout: .rgb, samples: .u8(values))
        let heat = Pictures.bytes(try ImageQuality.heatmap(original, changed))
        func brightness(_ x: Int, _ y: Int) -> Int { (0..<3).reduce(0) { $0 + Int(heat[3 * (y * 64 + x) + $1]) } }
        #expect(brightness(12, 12) > 400)
        #expect(brightness(60, 60) < 60)
    }

    private static func pixels(alpha: UInt8, red: UInt8) -> [UInt8] {
        (0..<256).flatMap { _ in [red, 0, 0, alpha] }
    }
}
