import Imaging
import Testing

struct ResizeTests {
    @Test(arguments: [ResizeFilter.area, .lanczos3], [(1, 1), (7, 3), (50, 40), (160, 131)])
    func aPlainPictureStaysPlain(_ filter: ResizeFilter, _ size: (Int, Int)) {
        for depth in [8, 16] {
            let value: Samples =
                depth == 8
                ? .u8([UInt8](repeating: 77, count: 60 * 45)) : .u16([UInt16](repeating: 7700, count: 60 * 45))
            let picture = Raster(width: 60, height: 45, layout: .gray, samples: value)
            let small = picture.resized(width: size.0, height: size.1, filter)
            #expect(small.width == size.0 && small.height == size.1 && small.bitDepth == depth)
            switch small.samples {
            case .u8(let values): #expect(values.allSatisfy { $0 == 77 })
            case .u16(let values): #expect(values.allSatisfy { $0 == 7700 })
            }
        }
    }

    @Test func halvingByAreaIsTheMeanOfFour() {
        let picture = Raster(width: 4, height: 2, layout: .gray, samples: .u8([10, 20, 100, 100, 30, 40, 0, 200]))
        #expect(picture.resized(width: 2, height: 1, .area).samples == .u8([25, 100]))
    }

    @Test func transparentPixelsDoNotBleed() {
        let picture = Raster(width: 2, height: 1, layout: .rgba, samples: .u8([255, 0, 0, 0, 0, 100, 200, 255]))
        #expect(picture.resized(width: 1, height: 1, .area).samples == .u8([0, 100, 200, 128]))
    }

    @Test func aSmoothRampSurvivesThereAndBack() {
        let picture = Pictures.gradient(120, 90)
        let back = picture.resized(width: 60, height: 45).resized(width: 120, height: 90)
        var worst = 0
        let before = Pictures.bytes(picture)
        let after = Pictures.bytes(back)
        for y in 8..<82 {
            for x in 3 * 8..<3 * 112 { worst = max(worst, abs(Int(before[y * 360 + x]) - Int(after[y * 360 + x]))) }
        }
        #expect(worst <= 2)
    }

    @Test func fittingKeepsTheShapeAndNeverEnlarges() {
        let picture = Pictures.gradient(300, 100)
        #expect(picture.fitted(within: 150).width == 150)
        #expect(picture.fitted(within: 150).height == 50)
        #expect(picture.fitted(within: 400) == picture)
        #expect(Pictures.gradient(1000, 1).fitted(within: 10).height == 1)
    }

    @Test func planesResizeLikePictures() {
        let picture = Pictures.noise(33, 21, .gray)
        let plane = picture.luma().resized(width: 11, height: 7, .area)
        guard case .u8(let values) = picture.resized(width: 11, height: 7, .area).samples else { return }
        for (float, byte) in zip(plane.values, values) { #expect(abs(float - Float(byte)) <= 0.501) }
    }
}
