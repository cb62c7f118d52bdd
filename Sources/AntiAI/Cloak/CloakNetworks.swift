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
    /// One of a member's views, which takes a turn of its own.
    package struct Seat: Sendable {
        package let member: Int
        package let weight: Float
        package fileprivate(set) var scales: [Double]
        /// Multiplications for one pixel of the picture, one pass forward, on average.
        package let cost: Double

        /// The same in its first sizes alone.
        func limited(toSizes count: Int) -> Seat {
            var seat = self
            seat.scales = Array(scales.prefix(count))
            return seat
        }
    }

    package let members: [Network]
    /// The views of all members that count.
    package let seats: [Seat]
    package let generator: Network?
    package let level: KernelLevel

    /// - Throws: `UserError` when a network cannot be packed.
    package init(_ files: [NetworkFile], level: KernelLevel = .chosen) throws {
        self.level = level
        members = try files.filter { $0.role != .generator && $0.weight > 0 }.map { try Network($0, level: level) }
        seats = members.enumerated().flatMap { index, network in
            network.views.filter { $0.weight > 0 }.map { view in
                Seat(
                    member: index, weight: network.weight * view.weight, scales: view.scales,
                    cost: network.multiplicationsPerPixel * view.meanArea)
            }
        }
        generator = try files.first { $0.role == .generator }.map { try Network($0, level: level) }
    }

    /// What their maps hold for each pixel of a picture, in bytes: those of the one whose turn it is, in its largest size, and
    /// what all say of the original in every size.
    package var mapBytesPerPixel: Double {
        let element = level == .bf16 ? 2 : 4
        var (peak, answers) = (generator?.plan.peakBytesPerPixel(elementSize: element) ?? 0, 0.0)
        for seat in seats {
            let plan = members[seat.member].plan
            for area in seat.scales.map({ $0 * $0 }) {
                peak = max(peak, area * plan.peakBytesPerPixel(elementSize: element))
                answers += area * plan.outputBytesPerPixel(elementSize: element)
            }
        }
        return peak + answers
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
