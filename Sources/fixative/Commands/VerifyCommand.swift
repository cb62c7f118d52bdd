import AntiAI
import ArgumentParser
import Core
import Foundation
import Imaging

/// `fixative verify`
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read the watermark of image files.",
        discussion: "Exit code 0 when every file carries a mark, 1 when one carries none, 2 on an error.")

    @Argument(help: "Image files.") var files: [String]
    @Option(help: "File with a private watermark key; the public community key is tried as well.") var key: String?
    @Flag(help: "Print one JSON object per file.") var json = false

    /// What `--json` prints for each file.
    private struct Answer: Encodable {
        struct Geometry: Encodable {
            var scale: Double
            var rotation: Double
            var flip: Bool
            var x: Double
            var y: Double
        }

        var file: String
        var found: Bool
        var payload: MarkID?
        var logFalsePositive: Double?
        var geometry: Geometry?
        /// The id of the artist's own publication with this mark, where the store knows one.
        var publication: ClientID?
    }

    func run() throws {
        let workshop = try Workshop()
        let keys = try key.map { [try KeyFile.read($0), .community] } ?? [.community]
        let receipts = (try? workshop.store.receipts()) ?? []
        var status = ExitStatus.done
        for file in files {
            do {
                let picture = try ImageCodec.decode(try Workshop.read(file))
                var answer = Answer(file: file, found: false)
                if let reading = Watermark.extract(from: picture.raster, keys: keys) {
                    answer.found = true
                    answer.payload = reading.payload
                    answer.logFalsePositive = reading.logFalsePositive
                    let place = reading.geometry
                    answer.geometry = .init(
                        scale: place.scale, rotation: place.rotation, flip: place.flip, x: place.x, y: place.y)
                    answer.publication = receipts.first { $0.payload == reading.payload }?.clientID
                } else if status == .done {
                    status = .no
                }
                if json { try Console.json(answer) } else { Console.out(text(answer)) }
            } catch let error as UserError {
                Console.error("\(file): \(error.message)")
                status = .usage
            }
        }
        if status != .done { throw ExitCode(status.rawValue) }
    }

    private func text(_ answer: Answer) -> String {
        guard let payload = answer.payload, let log = answer.logFalsePositive, let place = answer.geometry else {
            return "\(answer.file): no mark was found. That is no proof that there never was one."
        }
        var line =
            "\(answer.file): mark \(payload), by chance in 1 of 10^\(Int((-log).rounded(.down))) unmarked pictures"
        var undone: [String] = []
        if abs(place.rotation) > 0.05 { undone.append(String(format: "rotation %.1f°", place.rotation)) }
        if place.flip { undone.append("mirror") }
        if !undone.isEmpty { line += "; undone: " + undone.joined(separator: ", ") }
        if let publication = answer.publication { line += "; your publication \(publication)" }
        return line
    }
}
