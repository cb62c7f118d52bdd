import ArgumentParser
import Core
import Foundation
import Imaging

/// `fixative compare`
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Measure how visibly two pictures of the same size differ.")

    @Argument(help: "The original.") var original: String
    @Argument(help: "The other picture.") var other: String
    @Option(name: [.short, .customLong("output")], help: "Write a map of the differences (PNG).") var output: String?
    @Flag(help: "Print one JSON object.") var json = false

    private struct Answer: Encodable {
        var original: String
        var other: String
        var ssimulacra2: Double
        /// Null when the pictures are identical.
        var psnr: Double?
        var ssim: Double
        var worstDeltaE: Double
        var meanDeltaE: Double
    }

    func run() throws {
        if let output, FileManager.default.fileExists(atPath: output) { throw NewFile.exists(output) }
        let quality = try measure()
        let answer = Answer(
            original: original, other: other, ssimulacra2: quality.ssimulacra2, psnr: quality.psnr, ssim: quality.ssim,
            worstDeltaE: quality.worstDeltaE, meanDeltaE: quality.meanDeltaE)
        if json {
            try Console.json(answer)
        } else {
            let psnr = answer.psnr.map { String(format: "%.2f dB", $0) } ?? "identical"
            Console.out(
                String(
                    format:
                        "SSIMULACRA2 %.2f (90 and above: visually lossless)\nPSNR %@\nSSIM %.5f\nΔE2000 worst %.2f, mean %.3f",
                    answer.ssimulacra2, psnr, answer.ssim, answer.worstDeltaE, answer.meanDeltaE))
        }
    }

    /// Pictures above this, in pixels, stay on the disk.
    private static let largePixels = 5_000_000

    private func measure() throws -> QualityReport {
        let scratch = try Workshop().scratch
        let (before, after) = (
            try Workshop.read(original, scratch: scratch), try Workshop.read(other, scratch: scratch)
        )
        let size = try named(original) { try ImageCodec.dimensions(before) }
        guard output == nil, size.width * size.height > Self.largePixels else {
            let first = try named(original) { try ImageCodec.decode(before).raster }
            let second = try named(other) { try ImageCodec.decode(after).raster }
            if let output {
                let map = try ImageQuality.heatmap(first, second)
                try NewFile.write(try ImageCodec.encode(map, as: .png), to: output)
            }
            return try ImageQuality.compare(first, second)
        }
        let first = try named(original) { try ImageCodec.decode(before, intoFileIn: scratch).raster }
        let second = try named(other) { try ImageCodec.decode(after, intoFileIn: scratch).raster }
        return try ImageQuality.compare(first, second)
    }

    private func named<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as UserError {
            throw UserError("\(path): \(error.message)", error.status)
        }
    }
}
