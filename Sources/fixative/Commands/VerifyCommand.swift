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
        /// Payloads read with the other keys.
        var others: [MarkID]?
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
                // A picture may carry one mark for each key.
                let readings = keys.compactMap { Watermark.extract(from: picture.raster, keys: [$0]) }
                if let reading = readings.first {
                    if readings.count > 1 { answer.others = readings.dropFirst().map(\.payload) }
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
                let own = receipts.first { $0.payload == answer.payload }
                if json {
                    try Console.json(answer)
                } else {
                    Console.out(text(answer, readings.first?.geometry, picture.raster, own))
                }
            } catch let error as UserError {
                Console.error("\(file): \(error.message)")
                status = .usage
            }
        }
        if status != .done { throw ExitCode(status.rawValue) }
    }

    private func text(
        _ answer: Answer, _ place: WatermarkReading.Geometry?, _ picture: Raster, _ own: Receipt?
    ) -> String {
        guard let payload = answer.payload, let log = answer.logFalsePositive, let place else {
            return "\(answer.file): no mark was found. That is no proof that there never was one."
        }
        var text = "\(answer.file): mark \(payload)"
        text += "\n  by chance in at most 1 of 10^\(Int((-log).rounded(.down))) unmarked pictures"
        text += "\n  undone: " + undone(place, picture)
        for other in answer.others ?? [] { text += "\n  another key's mark: \(other)" }
        if let own {
            text += "\n  your publication \(own.clientID)"
            if let url = own.statusURL { text += " (\(url))" }
        }
        return text
    }

    /// What was done to the picture since it was marked, in words.
    private func undone(_ place: WatermarkReading.Geometry, _ picture: Raster) -> String {
        var parts: [String] = []
        if place.flip { parts.append("mirror image") }
        if abs(place.rotation) > 0.05 { parts.append(String(format: "rotation by %.1f°", place.rotation)) }
        // Pictures are marked on a plane that is at least 0.7 and at most 1.4 times their size, large ones on a coarser one.
        let edge = Int((Double(place.plane) * place.scale).rounded())
        switch place.crop {
        case true?: parts.append("a crop, of a picture \(edge) pixels long at this scale if it was whole")
        case false?: break
        case nil: parts.append("possibly a crop")
        }
        let smaller = max(picture.width, picture.height) < place.plane / 2
        if smaller { parts.append(String(format: "scaling to %.2f of the size of its mark", place.scale)) }
        return parts.isEmpty ? "nothing; it was neither turned nor cropped" : parts.joined(separator: ", ")
    }
}
