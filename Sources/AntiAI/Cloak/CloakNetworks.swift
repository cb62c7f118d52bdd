import Core
import Foundation
import Glibc

/// What the program has to make cloaks with, in words.
public enum CloakEquipment {
    /// The networks that come with the program and the instructions that they run on.
    ///
    /// - Throws: `UserError` where they are missing or broken.
    public static func describe() throws -> String {
        let networks = try CloakNetworks.load([])
        let names = (networks.members + [networks.generator].compactMap { $0 }).map {
            "\($0.name) (\($0.role.rawValue))"
        }
        return "\(names.joined(separator: ", ")); \(networks.level)"
    }
}

/// The networks that a cloak is made against, and the generator it may start from.
package final class CloakNetworks: Sendable {
    package let members: [Network]
    package let generator: Network?
    package let level: KernelLevel

    /// - Throws: `UserError` when a network cannot be packed.
    package init(_ files: [NetworkFile], level: KernelLevel = .chosen) throws {
        self.level = level
        members = try files.filter { $0.role != .generator && $0.weight > 0 }.map { try Network($0, level: level) }
        generator = try files.first { $0.role == .generator }.map { try Network($0, level: level) }
    }

    /// What their maps hold for each pixel of a picture, in bytes: those of the one whose turn it is, and what all say of the
    /// original as it is and as JPEG leaves it.
    package var mapBytesPerPixel: Double {
        let element = level == .bf16 ? 2 : 4
        let plans = (members + [generator].compactMap { $0 }).map(\.plan)
        return (plans.map { $0.peakBytesPerPixel(elementSize: element) }.max() ?? 0)
            + plans.reduce(0) { $0 + 2 * $1.outputBytesPerPixel(elementSize: element) }
    }

    /// The networks that come with the program, and the artist's own beside them.
    ///
    /// - Throws: `UserError` for files that are no networks, and where there is none at all.
    package static func load(_ own: [URL]) throws -> CloakNetworks {
        var files = try own.map(NetworkFile.init(contentsOf:))
        guard !files.contains(where: { $0.role == .generator }) else {
            throw UserError("A generator is no encoder: give --encoder an encoder or a feature network.", .usage)
        }
        files += try shipped()
        guard files.contains(where: { $0.role != .generator && $0.weight > 0 }) else {
            throw UserError(
                """
                The cloak's networks are missing: put the folder \(bundleName) beside the program again, name an \
                encoder with --encoder, or leave out the method cloak.
                """, .usage)
        }
        return try CloakNetworks(files)
    }

    static let bundleName = "fixative_AntiAI.resources"

    /// Those of the package's resources, in the order of their names.
    private static func shipped() throws -> [NetworkFile] {
        guard let folder = resourceFolder() else { return [] }
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return try files.filter { $0.pathExtension == "safetensors" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map(NetworkFile.init(contentsOf:))
    }

    /// The bundle beside the program, or in `../share/fixative` from it. Not `Bundle.module`, which ends the program
    /// where the bundle is missing.
    static func resourceFolder() -> URL? {
        var folders = [Bundle.main.bundleURL]
        if let program = realpath("/proc/self/exe", nil) {
            folders.append(URL(fileURLWithPath: String(cString: program)).deletingLastPathComponent())
            free(program)
        }
        for folder in folders {
            for place in [bundleName, "../share/fixative/\(bundleName)"] {
                let networks = folder.appendingPathComponent(place).appendingPathComponent("cloak")
                if FileManager.default.fileExists(atPath: networks.path) { return networks }
            }
        }
        return nil
    }
}
