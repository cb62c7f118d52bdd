import Foundation
import Terminal
import Testing

@Suite struct ImageSurfaceTests {
    private func picture(_ id: UInt64, _ mode: PictureMode) -> Picture {
        let image = PixelImage(width: 40, height: 40) { x, _ in (UInt8(x), UInt8(truncatingIfNeeded: id), 0) }
        return PictureEncoder.encode(image, columns: 4, rows: 2, mode: mode, id: id)
    }

    /// What the terminal is sent for one frame that shows these pictures side by side.
    private func frame(
        _ surface: inout ImageSurface, _ pictures: [UInt64], _ graphics: PictureMode.GraphicsProtocol,
        after previous: [Cell] = []
    ) -> (before: String, after: String, cells: [Cell]) {
        let mode = PictureMode(depth: .trueColor, graphics: graphics)
        let grid = GridSurface(size: Size(columns: 40, rows: 4))
        for (place, id) in pictures.enumerated() {
            grid.draw(picture(id, mode), at: Point(x: place * 5, y: 0), clip: grid.bounds)
        }
        let plan = surface.plan(grid, graphics: graphics)
        let after = surface.paint(grid, plan, previous: previous)
        return (String(decoding: plan.before, as: UTF8.self), String(decoding: after, as: UTF8.self), grid.cells)
    }

    /// kitty 0.26 frees on `d=I` every picture that it holds without a placement: what is sent before a deletion in
    /// the same frame would stay blank.
    @Test(arguments: [PictureMode.GraphicsProtocol.kittyDirect, .kittyPlaceholders])
    func picturesThatLeaveAreDeletedBeforeNewOnesAreSent(_ graphics: PictureMode.GraphicsProtocol) throws {
        var surface = ImageSurface()
        let first = frame(&surface, [1, 2], graphics)
        let second = frame(&surface, [2, 3], graphics, after: first.cells)
        #expect(second.before.components(separatedBy: "a=t,").count == 2, "only the new picture is sent")
        let deletion = try #require(second.before.range(of: "a=d,d=I"))
        let transmission = try #require(second.before.range(of: "a=t,"))
        #expect(deletion.upperBound <= transmission.lowerBound)
        #expect(!second.before[transmission.lowerBound...].contains("a=d"))
    }

    @Test func aPictureThatStaysIsNotSentAgain() {
        var surface = ImageSurface()
        let first = frame(&surface, [1, 2], .kittyDirect)
        #expect(first.before.components(separatedBy: "a=t,").count == 3)
        #expect(first.after.components(separatedBy: "a=p,").count == 3)
        let second = frame(&surface, [1, 2], .kittyDirect, after: first.cells)
        #expect(second.before == "")
        #expect(second.after == "")
    }

    @Test func forgettingRemovesPicturesOnlyWhereSomeWereSent() {
        var surface = ImageSurface()
        #expect(surface.forget() == [])
        _ = frame(&surface, [1], .kittyDirect)
        #expect(String(decoding: surface.forget(), as: UTF8.self).contains("a=d,d=A"))
        #expect(frame(&surface, [1], .kittyDirect).before.contains("a=t,"), "it is sent anew afterwards")
    }
}
