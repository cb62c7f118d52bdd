import Foundation

/// Words planted in an original that must never leave the machine.
public struct Canary: Sendable {
    /// What was planted, each word in one place.
    public private(set) var markers: [String]

    /// Plants unique words in EXIF, comment, XMP and IPTC, and a position, by exiftool. Throws `MissingTool` without
    /// it; throws what exiftool complains about.
    public init(plantedIn file: URL, named name: String) throws {
        guard let tool = CommandLineTool.find("exiftool") else {
            throw MissingTool(description: "exiftool is missing (apt: libimage-exiftool-perl)")
        }
        let places = [
            "EXIF:UserComment", "EXIF:ImageDescription", "EXIF:Artist", "XMP-dc:Description", "XMP-dc:Title",
            "XMP-photoshop:Instructions", "IPTC:Caption-Abstract", "Comment",
        ]
        let unique = UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased().prefix(12)
        markers = places.indices.map { "canary-\(name)-\($0)-\(unique)" }
        var arguments = ["-overwrite_original", "-q", "-m", "-GPSLatitude=52.5", "-GPSLatitudeRef=N"]
        arguments += zip(places, markers).map { "-\($0)=\($1)" }
        let result = try CommandLineTool.run(tool, arguments + [file.path])
        guard result.succeeded else { throw MissingTool(description: "exiftool: \(result.errors)") }
        let planted = try Data(contentsOf: file)
        // A format without a place for one of them is no reason to look for it.
        markers = markers.filter { planted.range(of: Data($0.utf8)) != nil }
    }

    /// The markers found in the bytes.
    public func found(in data: Data) -> [String] { markers.filter { data.range(of: Data($0.utf8)) != nil } }
}

/// A Debian package that a test needs is not installed.
public struct MissingTool: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) { self.description = description }
}
