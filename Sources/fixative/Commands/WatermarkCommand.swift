import AntiAI
import ArgumentParser
import Core
import Foundation
import Imaging

/// `fixative watermark`: one method alone, for experts and benchmarks.
struct WatermarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watermark", abstract: "The watermark alone, for experts and benchmarks.",
        subcommands: [Embed.self, Extract.self, Key.self])

    struct Embed: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Embed a payload.",
            discussion: """
                With --batch, each line of LIST is 'IN<tab>OUT<tab>HEX16'; each answer is \
                'WM<tab>IN<tab>OK or ERR:…<tab>CPU milliseconds'. OUT is replaced there. The time is that of solving \
                the strength, embedding and coding, or with --gain of embedding alone; never of file I/O.
                """)

        @Argument(help: "Input image.") var input: String?
        @Argument(help: "Output image; must not exist.") var output: String?
        @Option(help: "16 hex digits.") var payload: String?
        @OptionGroup var key: KeyOptions
        @Option(help: "subtle, standard or strong.") var strength = "standard"
        @Option(help: "With --batch: a fixed gain in place of a strength.") var gain: Float?
        @Option(help: "File with a list of jobs.") var batch: String?

        func run() throws {
            guard let strength = WatermarkStrength(rawValue: strength) else {
                throw UserError("There is no strength '\(strength)': choose subtle, standard or strong.")
            }
            let workshop = try Workshop()
            let keys = try key.keys(workshop)
            if let batch {
                try BatchList.run(batch, columns: 3) { columns in
                    let mark = try Arguments.payload(columns[2])
                    if let gain { return try BatchList.embed(columns[0], columns[1], mark, keys, gain: gain) }
                    return try BatchList.embed(columns[0], columns[1], mark, keys, strength)
                }
                return
            }
            guard let input, let output, let payload else {
                throw UserError("Give IN, OUT and --payload, or --batch LIST.")
            }
            let mark = try Arguments.payload(payload)
            guard !FileManager.default.fileExists(atPath: output) else { throw NewFile.exists(output) }
            let extensionFormat = try? Arguments.format(URL(fileURLWithPath: output).pathExtension.lowercased())
            let marked = try Protector.embedWatermark(
                try Workshop.read(input, scratch: workshop.scratch), payload: mark, keys: keys, strength: strength,
                format: extensionFormat ?? nil, scratch: workshop.scratch)
            try NewFile.write(marked, to: output)
        }
    }

    struct Extract: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the payload, 16 hex digits; exit code 1 where there is none.",
            discussion: """
                With --batch, each line of LIST is an image, or 'IMAGE<tab>KEY' with a key of 64 hex digits; each \
                answer is 'WM<tab>IN<tab>HEX16 or -<tab>CPU milliseconds, without decoding'.
                """)

        @Argument(help: "Image file.") var input: String?
        @Option(help: "File with a private key.") var key: String?
        @Option(help: "File with a list of images.") var batch: String?

        func run() throws {
            let keys = [try key.map(KeyFile.read) ?? .community]
            if let batch {
                try BatchList.run(batch, columns: 1) { columns in
                    let keys = columns.count > 1 ? [try KeyFile.key(hex: columns[1])] : keys
                    let picture = try ImageCodec.decode(try Workshop.read(columns[0])).raster
                    return BatchList.timed { Watermark.extract(from: picture, keys: keys) }
                        .map { $0?.payload.description ?? "-" }
                }
                return
            }
            guard let input else { throw UserError("Give an image, or --batch LIST.") }
            let scratch = try Workshop().scratch
            let found = try Watermark.readings(in: Workshop.read(input, scratch: scratch), keys: keys, scratch: scratch)
            guard let reading = found.marks.first else { throw UserError("\(input): no mark was found.", .no) }
            Console.out(reading.payload.description)
        }
    }

    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the private watermark key of your identity to a new file, for --key on another machine.",
            discussion: "Whoever has the file can read your private marks and make more of them. Only you may read it.")

        @Argument(help: "The new file: 64 hex digits.") var output: String

        func run() throws {
            let key = try Workshop.privateKey(Workshop().directories)
            try NewFile.write(Data((key.hexadecimal + "\n").utf8), to: output, mode: 0o600)
        }
    }
}

/// The batch protocol of the watermark benchmark: one process for a whole list, time measured without file I/O.
private enum BatchList {
    struct Timed<Value> {
        var value: Value
        var milliseconds: Double

        func map<Other>(_ transform: (Value) -> Other) -> Timed<Other> {
            Timed<Other>(value: transform(value), milliseconds: milliseconds)
        }
    }

    static func timed<Value>(_ body: () throws -> Value) rethrows -> Timed<Value> {
        let start = clock()
        let value = try body()
        return Timed(value: value, milliseconds: Double(clock() - start) * 1_000 / Double(CLOCKS_PER_SEC))
    }

    static func embed(
        _ input: String, _ output: String, _ payload: MarkID, _ keys: [WatermarkKey], _ strength: WatermarkStrength
    ) throws -> Timed<String> {
        let original = try Workshop.read(input)
        let marked = try timed {
            try Protector.embedWatermark(original, payload: payload, keys: keys, strength: strength, format: .png)
        }
        try marked.value.write(to: URL(fileURLWithPath: output))
        return marked.map { _ in "OK" }
    }

    static func embed(
        _ input: String, _ output: String, _ payload: MarkID, _ keys: [WatermarkKey], gain: Float
    ) throws -> Timed<String> {
        var picture = try ImageCodec.decode(try Workshop.read(input)).raster
        let embedding = try timed {
            picture.add(try Watermark.compactResidual(for: picture, payload: payload, keys: keys), gain: gain)
        }
        try ImageCodec.encode(picture, as: .png).write(to: URL(fileURLWithPath: output))
        return Timed(value: "OK", milliseconds: embedding.milliseconds)
    }

    static func run(_ list: String, columns: Int, _ body: ([String]) throws -> Timed<String>) throws {
        let text = String(decoding: try Workshop.read(list), as: UTF8.self)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= columns else {
                throw UserError("'\(list)' has a line with fewer than \(columns) columns: separate them by tabs.")
            }
            do {
                let result = try body(fields)
                let time = String(format: "%.2f", result.milliseconds)
                Console.columns(["WM", fields[0], result.value, time])
            } catch let error as UserError {
                Console.columns(["WM", fields[0], "ERR:\(error.message)", "0"])
            }
        }
    }
}
