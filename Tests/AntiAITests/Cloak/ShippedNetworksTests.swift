import AntiAI
import Foundation
import Imaging
import Testing

@Suite("The networks that come with the program")
struct ShippedNetworksTests {
    static let project = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    static let folder = project.appendingPathComponent("Sources/AntiAI/Resources/cloak")

    static func files() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "safetensors" }
    }

    @Test func thereAreAnEncoderAndRecognitionFeatures() throws {
        let roles = try Self.files().map { try NetworkFile(contentsOf: $0).role }
        #expect(roles.contains(.encoder) && roles.contains(.features))
    }

    @Test func eachSaysWhereItComesFrom() throws {
        let record = try String(
            contentsOf: Self.project.appendingPathComponent("Tools/cloak-training/PROVENANCE.md"), encoding: .utf8)
        for file in try Self.files() {
            let network = try NetworkFile(contentsOf: file)
            #expect(network.provenance?.contains("Tools/cloak-training/") == true, "\(file.lastPathComponent)")
            #expect(record.contains(file.lastPathComponent))
        }
    }

    @Test func togetherTheyStaySmall() throws {
        let bytes = try Self.files().map { try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0 }
        #expect(bytes.reduce(0, +) <= 8_000_000)
    }

    /// The control that tells trained networks from others: what is made against chance is little more than noise.
    @Test func trainedNetworksAreMovedByACloakMadeAgainstThemAndNotByOneMadeAgainstChance() throws {
        let shipped = try CloakNetworks(try Self.files().map { try NetworkFile(contentsOf: $0) })
        let picture = Drawing.painting(176, 160)
        let settings = CloakSettings(box: 6, steps: 8)
        func ratio(_ networks: CloakNetworks) throws -> Double {
            let made = try Cloak(networks, threads: 1).residual(for: picture, settings, seed: 3) { _ in }.residual
            let reading = try #require(CloakMeter(shipped).measure(picture, made, gain: 1, seed: 9))
            return reading.displacement / reading.control
        }
        let (trained, chance) = (try ratio(shipped), try ratio(CloakNetworks([TestNetworks.encoder()])))
        #expect(trained > 1.5 && trained > 1.3 * chance, "\(trained) \(chance)")
    }
}
