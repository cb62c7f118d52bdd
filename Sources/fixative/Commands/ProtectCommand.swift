import AntiAI
import ArgumentParser
import Core
import Foundation
import Synchronization

/// `fixative protect`
struct ProtectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protect",
        abstract: "Protect image files: watermark, cloak, noise, rights; everything else in their metadata goes.",
        discussion: "The input is never changed and no existing file is ever overwritten.")

    @Argument(help: "Image files (PNG, JPEG, WebP).") var files: [String]
    @Option(name: [.short, .customLong("output")], help: "Output file; only with one input.") var output: String?
    @Option(help: "Directory for the outputs.") var outputDir: String?
    @OptionGroup var recipe: RecipeOptions
    @Option(help: "Payload of the watermark, 16 hex digits; random where it is not given.") var payload: String?
    @OptionGroup var key: KeyOptions
    @Option(
        help: """
            Encoder (safetensors) that the cloak is made against, beside the program's own: the encoder of a tiny \
            autoencoder (TAESD, TAESDXL, TAESD3, TAEF1, TAEF2) or a network that describes its graph. Repeatable.
            """)
    var encoder: [String] = []
    @Option(help: "Output format: png, jpeg or webp; that of the input where it is not given.") var format: String?
    @Option(help: "Quality of JPEG and lossy WebP, 1 to 100.") var quality: Int?
    @Option(help: "Files that are worked on at the same time.") var jobs: Int?
    @Flag(help: "Print one JSON object per file.") var json = false

    func run() throws {
        let workshop = try Workshop()
        let outputs = try OutputNames(files: files, output: output, directory: outputDir)
        let protector = Protector(
            book: workshop.recipes, watermarkKeys: try key.keys(workshop),
            encoders: encoder.map { URL(fileURLWithPath: $0) }, scratch: workshop.scratch)
        let payload = try payload.map(Arguments.payload)
        let format = try Arguments.format(format)
        let quality = try Arguments.quality(quality)
        let name = try recipe.name(workshop)
        let methods = try recipe.methodSet()
        let rights = workshop.preferences.rights

        let worst = Mutex(ExitStatus.done)
        let printing = Mutex(())
        try Batch.run(files.count, jobs: jobs) { index in
            let file = files[index]
            do {
                let request = ProtectionRequest(
                    recipe: name, methods: methods, payload: payload ?? .random(), rights: rights, format: format,
                    quality: quality)
                let original = try Workshop.read(file, scratch: workshop.scratch)
                let chosen = try outputs.check(index)
                let start = Date()
                let image = try protector.protect(original, request) { fraction in
                    if files.count == 1 { Console.progress("\(file): \(Self.progress(fraction, since: start))") }
                    return true
                }
                let target = chosen ?? outputs.proposal(index, image.format)
                try NewFile.write(image.data, to: target)
                try printing.withLock { _ in
                    Console.endProgress()
                    try report(file, target, image.report)
                }
            } catch let error as UserError {
                printing.withLock { _ in Console.error("\(file): \(error.message)") }
                worst.withLock { $0 = $0.rawValue > error.status.rawValue ? $0 : error.status }
            }
        }
        let status = worst.withLock { $0 }
        if status != .done { throw ExitCode(status.rawValue) }
    }

    private static func progress(_ fraction: Double, since start: Date) -> String {
        let bar = String(repeating: "#", count: Int(fraction * 30)).padding(toLength: 30, withPad: "·", startingAt: 0)
        let left = RemainingTime.seconds(elapsed: Date().timeIntervalSince(start), fraction: fraction)
        return "\(bar) \(Int(fraction * 100)) %" + (left.map { ", about \($0) s left" } ?? "")
    }

    private func report(_ input: String, _ output: String, _ report: ProtectionReport) throws {
        if json {
            try Console.json(FileReport(input: input, output: output, report: report))
            return
        }
        var lines = ["\(input) → \(output)"]
        let methods = report.methods.map(\.rawValue).joined(separator: ", ")
        lines.append(
            "  recipe \(report.recipe) (\(methods.isEmpty ? "no method" : methods)), \(report.width)×\(report.height)")
        if let payload = report.payload { lines.append("  mark \(payload)") }
        let psnr = report.psnr.map { String(format: "%.1f dB", $0) } ?? "identical"
        lines.append(
            String(
                format: "  SSIMULACRA2 %.1f, PSNR %@, SSIM %.4f, worst ΔE %.1f", report.visibility, psnr, report.ssim,
                report.worstDeltaE))
        if let check = report.selfCheck {
            func word(_ good: Bool) -> String { good ? "read back" : "NOT read back" }
            lines.append("  mark after JPEG 75: \(word(check.jpeg75)); after scaling to 50 %: \(word(check.scale50))")
        }
        if let cloak = report.cloak {
            let ratio = cloak.displacement / max(cloak.noiseDisplacement, 1e-9)
            lines.append(
                String(
                    format: "  cloak moves its encoders by %.3f, equally visible noise by %.3f: %.2f times more",
                    cloak.displacement, cloak.noiseDisplacement, ratio))
        }
        lines.append("  \(report.limits)")
        Console.out(lines.joined(separator: "\n"))
    }
}

/// The report of one file with its names, as `--json` prints it.
struct FileReport: Encodable {
    var input: String
    var output: String
    var report: ProtectionReport

    enum CodingKeys: String, CodingKey { case input, output }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(input, forKey: .input)
        try values.encode(output, forKey: .output)
    }
}
