import Foundation
import Synchronization
import Terminal
import Testing

@Suite struct PictureTests {
    private let red = PixelImage(width: 40, height: 20) { x, _ in x < 20 ? (255, 0, 0) : (0, 0, 255) }

    @Test func trueColorCellsHoldThePixels() {
        let picture = PictureEncoder.encode(red, columns: 4, rows: 2, mode: PictureMode(depth: .trueColor), id: 1)
        #expect(
            picture.cells.map(\.foreground) == [
                0xFF0000, 0xFF0000, 0x0000FF, 0x0000FF, 0xFF0000, 0xFF0000, 0x0000FF, 0x0000FF,
            ])
        #expect(picture.needsOverlay)
    }

    @Test(arguments: [PictureMode.Depth.colors256, .colors16, .colors8]) func indexedCellsStayInThePalette(
        _ depth: PictureMode.Depth
    ) {
        let rainbow = PixelImage(width: 64, height: 64) { x, y in (UInt8(x * 4), UInt8(y * 4), UInt8((x + y) * 2)) }
        let picture = PictureEncoder.encode(rainbow, columns: 32, rows: 16, mode: PictureMode(depth: depth), id: 1)
        let range: ClosedRange<Int16> = depth == .colors256 ? 16...255 : depth == .colors16 ? 0...15 : 0...7
        #expect(picture.cells.allSatisfy { range.contains($0.foregroundIndex) && range.contains($0.backgroundIndex) })
        #expect(!picture.needsOverlay)
    }

    @Test func monoPicturesAreASCII() {
        let picture = PictureEncoder.encode(red, columns: 8, rows: 4, mode: PictureMode(depth: .mono), id: 1)
        #expect(picture.cells.allSatisfy { (0x20...0x7E).contains($0.scalar) && $0.foregroundIndex == -1 })
        #expect(Set(picture.cells.map(\.scalar)).count == 2)
    }

    @Test func sixelSequenceIsWhole() throws {
        let mode = PictureMode(depth: .trueColor, graphics: .sixel)
        let picture = PictureEncoder.encode(red, columns: 4, rows: 2, mode: mode, id: 1)
        guard case .sixel(let bytes) = picture.graphics else {
            Issue.record("no sixels")
            return
        }
        #expect(bytes.starts(with: Array("\u{1B}P".utf8)))
        #expect(bytes.suffix(2) == Array("\u{1B}\\".utf8)[...])
        #expect(bytes.dropFirst().dropLast(2).allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }

    @Test func pictureKeepsItsShapeInABox() {
        let mode = PictureMode(depth: .trueColor)
        #expect(mode.fit(width: 512, height: 512, columns: 80, rows: 20) == Size(columns: 40, rows: 20))
        #expect(mode.fit(width: 1_024, height: 512, columns: 40, rows: 40) == Size(columns: 40, rows: 10))
        #expect(mode.fit(width: 1, height: 9_000, columns: 40, rows: 10).columns == 1)
    }

    @Test func croppedScalingShowsThePart() {
        let right = red.scaled(Crop(x: 0.5, y: 0, width: 0.5, height: 1), width: 3, height: 3)
        #expect(right.rgb == (0..<9).flatMap { _ in [UInt8(0), 0, 255] })
    }

    /// Rows that start at the wrong byte show in other colours than the picture's.
    @Test(arguments: 1...9) func sixelsHaveTheirColoursAtEveryWidth(width: Int) throws {
        let image = PixelImage(width: width, height: 12) { _, _ in (200, 0, 0) }
        let mode = PictureMode(depth: .trueColor, graphics: .sixel, cellWidth: width, cellHeight: 12)
        let picture = PictureEncoder.encode(image, columns: 1, rows: 1, mode: mode, id: 1)
        guard case .sixel(let bytes) = picture.graphics else { throw CancellationError() }
        let text = String(decoding: bytes, as: UTF8.self)
        var colours: [Substring: [Int]] = [:]
        for match in text.matches(of: /#(\d+);2;(\d+);(\d+);(\d+)/) {
            colours[match.1] = [Int(match.2) ?? -1, Int(match.3) ?? -1, Int(match.4) ?? -1]
        }
        let used = Set(text.matches(of: /#(\d+)[?-~!]/).map(\.1))
        #expect(!used.isEmpty)
        for register in used {
            let colour = try #require(colours[register])
            #expect(colour[0] > 70 && colour[1] < 5 && colour[2] < 5, "\(colour) in \(width) columns")
        }
    }

    @Test func differenceIsBlackWhereNothingChangedAndSeenWhereTheSignAlternates() throws {
        #expect(try #require(red.amplifiedDifference(to: red)).rgb.allSatisfy { $0 == 0 })
        let grey = PixelImage(width: 8, height: 8) { _, _ in (100, 100, 100) }
        let noisy = PixelImage(width: 8, height: 8) { x, _ in x % 2 == 0 ? (99, 99, 99) : (101, 101, 101) }
        let difference = try #require(grey.amplifiedDifference(to: noisy))
        #expect(difference.scaled(width: 2, height: 2).rgb.allSatisfy { $0 == UInt8(PixelImage.differenceGain) })
        #expect(red.amplifiedDifference(to: PixelImage(width: 1, height: 1, rgb: [0, 0, 0])) == nil)
    }

    @Test func blurKeepsNoDetail() {
        let stripes = PixelImage(width: 128, height: 128) { x, _ in x % 2 == 0 ? (0, 0, 0) : (255, 255, 255) }
        let levels = stripes.blurred().rgb
        #expect(levels.allSatisfy { (100...155).contains($0) })
    }

    @Test func loaderMakesEachPictureOnce() {
        let decodes = Mutex(0)
        let loader = PictureLoader(isImmediate: true) { _, _ in
            decodes.withLock { $0 += 1 }
            return PixelImage(width: 8, height: 8) { _, _ in (9, 9, 9) }
        } done: {
        }
        let request = PictureRequest(.file(URL(fileURLWithPath: "/x.png")), columns: 4, rows: 2)
        for _ in 0..<3 {
            guard case .ready(let picture) = loader.picture(request, mode: PictureMode(depth: .trueColor)) else {
                Issue.record("not ready")
                return
            }
            #expect(picture.columns == 4 && picture.rows == 2)
        }
        #expect(decodes.withLock { $0 } == 1)
    }

    @Test func failedPicturesAreNotTriedAgainUntilTold() {
        struct Broken: Error {}
        let decodes = Mutex(0)
        let loader = PictureLoader(isImmediate: true) { _, _ in
            decodes.withLock { $0 += 1 }
            throw Broken()
        } done: {
        }
        let request = PictureRequest(.file(URL(fileURLWithPath: "/x.png")), columns: 4, rows: 2)
        for _ in 0..<3 { _ = loader.picture(request, mode: PictureMode(depth: .mono)) }
        #expect(decodes.withLock { $0 } == 1)
        loader.retryFailed()
        _ = loader.picture(request, mode: PictureMode(depth: .mono))
        #expect(decodes.withLock { $0 } == 2)
    }
}
