import Core
import Foundation
import Imaging
import Testing

@Suite struct ColorTests {
    @Test(arguments: ImageFormat.allCases, [PixelLayout.rgb, .gray, .rgba])
    func profilesAreKept(format: ImageFormat, layout: PixelLayout) throws {
        if format == .jpeg && layout.hasAlpha { return }
        var raster = Pictures.gradient(16, 16, layout)
        raster.iccProfile = layout.isGray ? ProfileBuilder.linearGray : ProfileBuilder.adobeRGB
        let image = try ImageCodec.decode(ImageCodec.encode(raster, as: format))
        // WebP has no grey: its samples become sRGB.
        #expect(image.raster.iccProfile == (format == .webp && layout.isGray ? nil : raster.iccProfile))
    }

    @Test func profilesThatDoNotFitAreDropped() throws {
        let gray = try ImageCodec.encode(Pictures.gradient(8, 8, .gray), as: .jpeg)
        let fitting = Containers.jpeg(gray, profile: ProfileBuilder.linearGray)
        #expect(try ImageCodec.decode(fitting).raster.iccProfile == ProfileBuilder.linearGray)
        let foreign = Containers.jpeg(gray, profile: ProfileBuilder.adobeRGB)
        #expect(try ImageCodec.decode(foreign).raster.iccProfile == nil)
        let broken = Containers.jpeg(gray, profile: [UInt8](repeating: 7, count: 500))
        #expect(try ImageCodec.decode(broken).raster.iccProfile == nil)
    }

    @Test(arguments: [[200, 100, 50], [30, 160, 90], [128, 128, 128], [255, 255, 255], [0, 0, 0]])
    func adobeRGBBecomesSRGB(color: [Int]) {
        let raster = Raster(
            width: 1, height: 1, layout: .rgba, samples: .u8(color.map { UInt8($0) } + [77]),
            iccProfile: ProfileBuilder.adobeRGB)
        let converted = ColorTransform.toSRGB(raster)
        #expect(converted.iccProfile == nil)
        let result = Pictures.bytes(converted)
        #expect(result[3] == 77)
        for (value, expected) in zip(result, Self.adobeToSRGB(color)) { #expect(abs(Double(value) - expected) < 1.5) }
        let wide = ColorTransform.toSRGB(raster.to16Bit())
        #expect(wide.bitDepth == 16 && Pictures.worstDifference(wide.to8Bit(), converted) <= 1)
    }

    /// By the definitions of both spaces (Adobe RGB (1998), IEC 61966-2-1), which share the white point.
    private static func adobeToSRGB(_ color: [Int]) -> [Double] {
        let light = color.map { pow(Double($0) / 255, 563.0 / 256) }
        let matrix = [[1.39836, -0.39836, 0], [0, 1, 0], [0, -0.04293, 1.04293]]
        return matrix.map { row in
            let value = min(1, max(0, zip(row, light).reduce(0) { $0 + $1.0 * $1.1 }))
            return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055)
        }
    }

    @Test func pngGammaBecomesAProfile() throws {
        let png = try ImageCodec.encode(Pictures.gradient(8, 8), as: .png)
        #expect(try ImageCodec.decode(Containers.png(png, chunk: "gAMA", Bytes.big32(45455))).raster.iccProfile == nil)
        let linear = try ImageCodec.decode(Containers.png(png, chunk: "gAMA", Bytes.big32(100_000))).raster
        #expect(linear.iccProfile != nil)
        let gray = Raster(
            width: 1, height: 1, layout: .rgb, samples: .u8([55, 55, 55]), iccProfile: linear.iccProfile)
        // 55/255 of the light is 128 in sRGB.
        #expect(Pictures.bytes(ColorTransform.toSRGB(gray)).allSatisfy { abs(Int($0) - 128) <= 1 })
    }

    @Test func cmykWithoutProfileFollowsThePlainFormula() throws {
        let inks = [51, 102, 0, 128]
        let expected: [UInt8] = [102, 76, 127].map { UInt8($0) }
        let plain = try ImageCodec.decode(FlatJPEG(values: inks).data).raster
        let inverted = try ImageCodec.decode(FlatJPEG(values: inks.map { 255 - $0 }, adobeTransform: 0).data).raster
        #expect(plain.layout == .rgb && plain.iccProfile == nil)
        #expect(Array(Pictures.bytes(plain).prefix(3)) == expected)
        #expect(inverted == plain)
    }

    @Test(arguments: [nil, 0] as [UInt8?])
    func cmykGoesThroughItsProfile(adobe: UInt8?) throws {
        // Inks of odd colours: cyan alone prints the green of sRGB (0, 128, 0), everything else black.
        let profile = ProfileBuilder.cmyk { c, m, y, k in
            if c && !m && !y && !k { return (46.28, -47.55, 48.59) }
            return (c || m || y || k ? 0 : 100, 0, 0)
        }
        func decode(_ inks: [Int]) throws -> [UInt8] {
            let stored = adobe == nil ? inks : inks.map { 255 - $0 }
            let file = Containers.jpeg(FlatJPEG(values: stored, adobeTransform: adobe).data, profile: profile)
            let raster = try ImageCodec.decode(file).raster
            #expect(raster.iccProfile == nil && raster.layout == .rgb)
            return Array(Pictures.bytes(raster).prefix(3))
        }
        let cyan = try decode([255, 0, 0, 0])
        #expect(zip(cyan, [0, 128, 0]).allSatisfy { abs(Int($0) - $1) <= 3 }, "\(cyan)")
        #expect(try decode([0, 0, 0, 0]).allSatisfy { $0 >= 252 })
    }

    @Test func convertingBetweenGrayAndColorLeavesTheProfileBehind() {
        var raster = Pictures.gradient(4, 4)
        raster.iccProfile = ProfileBuilder.adobeRGB
        #expect(raster.converted(to: .rgba).iccProfile == raster.iccProfile)
        #expect(raster.converted(to: .gray).iccProfile == nil)
        #expect(raster.converted(to: .gray) == ColorTransform.toSRGB(raster).converted(to: .gray))
    }
}
