import Core
import Foundation
import Imaging

extension Server {
    /// Draws pictures of the seed into a new directory as `NN-kind.png`, without protection: material to try it on.
    ///
    /// - Parameter seed: use another one than the community's, so that the pictures are not in it already.
    public static func draw(into directory: URL, pictures: Int, seed: UInt64) throws {
        guard (1...1_000).contains(pictures) else { throw UserError("--pictures is a number from 1 to 1000.") }
        guard !FileManager.default.fileExists(atPath: directory.path) else {
            throw UserError("\(directory.path) exists already: name a new directory.")
        }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for number in 0..<pictures {
            let kind = Gallery.kinds[number % Gallery.kinds.count].name
            let name = "\(number < 10 ? "0" : "")\(number)-\(kind).png"
            let data = try ImageCodec.encode(Gallery.picture(number: number, seed: seed), as: .png)
            try data.write(to: directory.appendingPathComponent(name))
        }
    }
}
