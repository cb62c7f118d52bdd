import Terminal
import Testing

@Suite struct SurfaceTests {
    private func grid(_ columns: Int = 10, _ rows: Int = 3) -> GridSurface {
        GridSurface(size: Size(columns: columns, rows: rows))
    }

    @Test func wideCharactersNeverOverwriteADivider() {
        for room in 0...9 {
            let grid = grid()
            grid.verticalLine(x: room, y: 0, height: 3)
            grid.put("a水彩水彩水彩", in: Rect(x: 0, y: 1, width: room, height: 1))
            #expect(grid[room, 1].glyph.base == 0x2502, "room for \(room)")
        }
    }

    @Test func halfOfAWideCharacterNeverStays() {
        let grid = grid()
        grid.put("水彩", x: 0, y: 0)
        grid.put("x", x: 1, y: 0)
        #expect(grid.text.hasPrefix(" x彩\n"))
        grid.put("彩", x: 1, y: 0)
        #expect(grid.text.hasPrefix(" 彩\n"))
    }

    @Test func drawingOutsideIsIgnored() {
        let grid = grid()
        grid.put("text", x: -2, y: 0)
        grid.put("text", x: 8, y: 9)
        grid.frame(Rect(x: 5, y: -1, width: 50, height: 50))
        grid.clear(Rect(x: -5, y: -5, width: 100, height: 100))
        #expect(grid.text == "\n\n")
    }

    @Test func popupsCoverPictures() {
        let grid = grid()
        let image = PixelImage(width: 4, height: 4) { _, _ in (200, 0, 0) }
        let picture = PictureEncoder.encode(image, columns: 4, rows: 2, mode: PictureMode(depth: .trueColor), id: 1)
        grid.draw(picture, at: Point(x: 0, y: 0), clip: grid.bounds)
        grid.clear(Rect(x: 1, y: 0, width: 1, height: 1))
        #expect(grid.text.hasPrefix("▒ ▒▒\n▒▒▒▒\n"))
        #expect(grid.placements.count == 1)
    }
}
