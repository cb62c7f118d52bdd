import Core
import Foundation
import Imaging
import Testing

@Suite struct ReducedDecodingTests {
    @Test(arguments: [(ImageFormat.jpeg, 6), (.png, 6), (.webp, 6), (.jpeg, 1)])
    func thumbnailsAreSmallUprightAndAlike(format: ImageFormat, orientation: Int) throws {
        let raster = Pictures.gradient(400, 200)
        let exif = ExifBuilder(main: [(0x0112, .short(orientation))]).bytes
        let small = try ImageCodec.decodeReduced(format.file(raster, exif: exif), maximumSide: 40)
        #expect((small.width, small.height) == (orientation == 6 ? (20, 40) : (40, 20)))
        let upright = raster.oriented(from: Orientation(rawValue: orientation)!).reduced(toFit: 40)
        #expect(Pictures.worstDifference(small, upright) < 8)
    }

    @Test func thumbnailsAreNeverEnlargedAndAlways8BitSRGB() throws {
        var raster = Pictures.noise(10, 10, .rgb, depth: 16)
        raster.iccProfile = ProfileBuilder.adobeRGB
        let small = try ImageCodec.decodeReduced(ImageCodec.encode(raster, as: .png), maximumSide: 100)
        #expect(small.width == 10 && small.bitDepth == 8 && small.iccProfile == nil)
    }
}
