import AntiAI
import ArgumentParser
import Core
import Foundation
import Imaging

/// `fixative verify`
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read the watermark of image files, and explain what was read.",
        discussion: """
            The public community key is tried, the private key of your identity where this machine has one, and that of \
            --key. Where the mark is that of a piece of yours, it is named. Exit code 0 when every file carries a mark, \
            1 when one carries none, 2 on an error.
            """)

    @Argument(help: "Image files.") var files: [String]
    @Option(help: "File with another private watermark key.") var key: String?
    @Flag(help: "Print one JSON object per file.") var json = false

    /// A key with what to call it.
    private struct NamedKey {
        enum Name: String, Encodable {
            /// That of `--key`, that of the artist's identity, the community's.
            case file, `private`, `public`
        }

        var name: Name
        var key: WatermarkKey
    }

    /// What `--json` prints for each file. `payload` and what follows it are those of the first of `marks`.
    private struct Answer: Encodable {
        struct Geometry: Encodable {
            var scale: Double
            var rotation: Double
            var flip: Bool
            var x: Double
            var y: Double
            var plane: Int
            /// Null where it cannot be told.
            var crop: Bool?

            init(_ place: WatermarkReading.Geometry) {
                (scale, rotation, flip, x, y) = (place.scale, place.rotation, place.flip, place.x, place.y)
                (plane, crop) = (place.plane, place.crop)
            }
        }

        struct Mark: Encodable {
            var key: NamedKey.Name
            var payload: MarkID
            var logFalsePositive: Double
        }

        var file: String
        var found: Bool
        var payload: MarkID?
        var logFalsePositive: Double?
        var geometry: Geometry?
        var key: NamedKey.Name?
        /// One for each key whose mark was read.
        var marks: [Mark]
        /// The artist's own piece with this mark, where a store of this machine knows it.
        var publication: OwnMarks.Publication?
    }

    func run() throws {
        let workshop = try Workshop()
        var keys: [NamedKey] = []
        if let key { keys.append(NamedKey(name: .file, key: try KeyFile.read(key))) }
        if let own = workshop.knownPrivateKey { keys.append(NamedKey(name: .private, key: own)) }
        keys.append(NamedKey(name: .public, key: .community))
        let own = OwnMarks(workshop)
        var status = ExitStatus.done
        for file in files {
            do {
                let data = try Workshop.read(file, scratch: workshop.scratch)
                let read = try Watermark.readings(in: data, keys: keys.map(\.key), scratch: workshop.scratch)
                let marks = read.marks.map { reading in
                    Answer.Mark(
                        key: keys[reading.keyIndex].name, payload: reading.payload,
                        logFalsePositive: reading.logFalsePositive)
                }
                let piece = marks.lazy.compactMap { own[$0.payload] }.first
                if marks.isEmpty, status == .done { status = .no }
                if json {
                    try Console.json(
                        Answer(
                            file: file, found: !marks.isEmpty, payload: marks.first?.payload,
                            logFalsePositive: marks.first?.logFalsePositive,
                            geometry: read.marks.first.map { Answer.Geometry($0.geometry) }, key: marks.first?.key,
                            marks: marks, publication: piece))
                } else if let place = read.marks.first?.geometry {
                    let history = MarkHistory(place: place, width: read.width, height: read.height, piece: piece)
                    Console.out("\(file): \(sentence(marks)) \(history.sentence)\(sentence(piece))")
                } else {
                    Console.out("\(file): no mark was found. That is no proof that there never was one.")
                }
            } catch let error as UserError {
                Console.error("\(file): \(error.message)")
                status = .usage
            }
        }
        if status != .done { throw ExitCode(status.rawValue) }
    }

    /// What was read with which key, and how sure it is.
    private func sentence(_ marks: [Answer.Mark]) -> String {
        let parts = marks.map { mark in
            let key =
                switch mark.key {
                case .file: "the key of --key"
                case .private: "your private key"
                case .public: "the public community key"
                }
            let chance = "1 in 10^\(Int((-mark.logFalsePositive).rounded(.down)))"
            return
                "mark \(mark.payload), made with \(key) (the chance that an unmarked picture reads so is below \(chance))"
        }
        return parts.joined(separator: "; and ") + "."
    }

    /// Which piece of the artist's it is; empty where none is known.
    private func sentence(_ piece: OwnMarks.Publication?) -> String {
        guard let piece else { return "" }
        let title = piece.title.isEmpty ? "a piece of yours without a title" : "your piece “\(piece.title)”"
        guard piece.state == .published, let id = piece.statusID else {
            return " It is \(title), in your queue (\(piece.state.text.phrase.english)), \(piece.clientID)."
        }
        let day = piece.publishedAt.map { " on \($0.formatted(.iso8601.year().month().day()))" } ?? ""
        let address = piece.statusURL.map { ": \($0)" } ?? ""
        return " It is \(title), published\(day) as status \(id) of \(piece.account) on \(piece.server)\(address)."
    }
}

/// What became of a picture between marking and reading, in words.
struct MarkHistory {
    let place: WatermarkReading.Geometry
    /// Of the picture that was read, in pixels.
    let width: Int
    let height: Int
    let piece: OwnMarks.Publication?

    /// Long edge of the picture as it was marked, in pixels of the present one.
    private var wholeEdge: Double { Double(place.plane) * place.scale }

    var sentence: String {
        var parts: [String] = []
        if place.flip { parts.append("mirrored left to right") }
        if abs(place.rotation) > 0.05 {
            let way = place.rotation > 0 ? "clockwise" : "counter-clockwise"
            parts.append(String(format: "turned by %.1f° \(way)", abs(place.rotation)))
        }
        if let scaling { parts.append(scaling) }
        switch place.crop {
        case true?: parts.append(crop)
        case false?: break
        case nil: parts.append("possibly cropped, which cannot be told from a turned picture")
        }
        if parts.isEmpty {
            let scaled = piece?.width == nil ? "; whether it was scaled cannot be told without the original's size" : ""
            return "It was neither cropped, turned nor mirrored since\(scaled)."
        }
        return "Undone to read it: \(parts.joined(separator: ", "))."
    }

    /// Exact where the marked picture's size is known.
    private var scaling: String? {
        if let width = piece?.width, let height = piece?.height {
            let factor = wholeEdge / Double(max(width, height))
            guard abs(factor - 1) > 0.004 else { return nil }
            return String(format: "scaled to %.0f %% (from %d×%d)", 100 * factor, width, height)
        }
        let lowest = Double(place.markedEdges.lowerBound)
        let highest = Double(place.markedEdges.upperBound)
        if wholeEdge < 0.99 * lowest {
            return String(format: "scaled down, to %.0f %% or less", (100 * wholeEdge / lowest).rounded(.up))
        }
        return wholeEdge > 1.01 * highest
            ? String(format: "scaled up, to %.0f %% or more", 100 * wholeEdge / highest) : nil
    }

    private var crop: String {
        let edge = Int(wholeEdge.rounded())
        guard let pieceWidth = piece?.width, let pieceHeight = piece?.height else {
            return "cropped to \(width)×\(height) from a picture whose long side had \(edge) pixels at this scale"
        }
        let factor = wholeEdge / Double(max(pieceWidth, pieceHeight))
        let area = Double(width * height) / (Double(pieceWidth * pieceHeight) * factor * factor)
        return String(format: "cropped to about %.0f %% of its area", min(100 * area, 100))
    }
}
