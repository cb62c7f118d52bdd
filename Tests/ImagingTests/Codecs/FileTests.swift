import Core
import Foundation
import Imaging
import Testing

@Suite struct FileTests {
    @Test func filesAreReadAndOtherThingsRefused() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("picture.jpg")
        let raster = Pictures.noise(5, 4, .rgb)
        // The name says JPEG, the content decides.
        try ImageCodec.encode(raster, as: .png).write(to: file)
        #expect(try ImageCodec.decode(fileAt: file).raster == raster)
        #expect(throws: UserError.self) { try ImageCodec.decode(fileAt: file, limits: .init(maximumBytes: 9)) }
        #expect(throws: UserError.self) { try ImageCodec.decode(fileAt: folder) }
        #expect(throws: UserError.self) { try ImageCodec.decode(fileAt: folder.appendingPathComponent("none")) }
        #expect(throws: UserError.self) { try ImageCodec.decode(fileAt: URL(fileURLWithPath: "/dev/zero")) }
    }
}
