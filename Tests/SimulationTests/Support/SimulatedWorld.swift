import Core
import Foundation
import Sync
import TestSupport

/// A server, machines, a network and a clock: everything that a simulation consists of. One thread runs it.
final class SimulatedWorld: @unchecked Sendable {
    private static let numbers = Monitor(0)

    let name: String
    let clock = FakeClock()
    let server: SimulatedServer
    private let serverDisk: SimulatedDisk
    private(set) var machines: [SimulatedMachine] = []
    var chooser: any Chooser = FairWeather()
    /// What must never be: disks that lose what they were told to keep. For a look at whether it would be noticed.
    var disksForget = false
    /// For the back-off's jitter.
    var random: SplitMix

    private struct Held {
        var request: HTTPRequest
        var process: ObjectIdentifier
        var fault: NetworkFault
    }

    private var held: [Held] = []

    init(hasExtension: Bool = true, seed: UInt64 = 1) throws {
        let number = Self.numbers.withLock { value in
            value += 1
            return value
        }
        name = "world\(number)"
        random = SplitMix(state: seed)
        let template = try Template.shared()
        clock.set(template.date)
        serverDisk = SimulatedDisk("\(name)/server")
        try FileManager.default.createDirectory(
            at: serverDisk.folder.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: template.server, to: serverDisk.folder)
        server = try SimulatedServer(disk: serverDisk, clock: clock, executor: InlineExecutor())
        server.hasExtension = hasExtension
    }

    deinit {
        serverDisk.remove()
        machines = []
        try? FileManager.default.removeItem(at: folder)
    }

    /// Where everything of this world lies.
    var folder: URL { serverDisk.folder.deletingLastPathComponent() }

    func addMachine(of person: SimulatedPerson, processes: Int = 1) throws -> SimulatedMachine {
        let machine = try SimulatedMachine(
            "m\(machines.count)-\(person.name)", of: person, in: self, processes: processes)
        machines.append(machine)
        return machine
    }

    func jitter(_ range: ClosedRange<Double>) -> Double { .random(in: range, using: &random) }

    // MARK: The network's memory

    func hold(_ request: HTTPRequest, of process: SimulatedProcess, _ fault: NetworkFault) {
        held.append(Held(request: request, process: ObjectIdentifier(process), fault: fault))
    }

    /// What is to be delivered around the next request of a process.
    func takeHeld(of process: SimulatedProcess) -> (before: [HTTPRequest], after: [HTTPRequest]) {
        if held.isEmpty { return ([], []) }
        let due = held.filter { $0.process == ObjectIdentifier(process) && $0.fault != .lateAtTheEnd }
        held.removeAll { $0.process == ObjectIdentifier(process) && $0.fault != .lateAtTheEnd }
        return (
            due.filter { $0.fault == .lateBeforeNext }.map(\.request),
            due.filter { $0.fault == .lateAfterNext }.map(\.request)
        )
    }

    /// Delivers all that is still on its way; true when there was something.
    func deliverHeld() throws -> Bool {
        let all = held
        held = []
        for late in all { _ = try server.handle(late.request) }
        return !all.isEmpty
    }

    // MARK: What must not be sent

    struct Leak: Error, CustomStringConvertible {
        var description: String
    }

    /// Every byte of every request is looked at for the marker that is in every original.
    func inspect(_ request: HTTPRequest) throws {
        var wire = Data("\(request.method) \(request.url.absoluteString)\n".utf8)
        for header in request.headers { wire += Data("\(header.name): \(header.value)\n".utf8) }
        wire += try WireBody.encode(request.body).bytes
        if wire.range(of: Data(Self.canary.utf8)) != nil {
            throw Leak(description: "an original was sent: \(request.method) \(request.url.path)")
        }
    }

    static let canary = "CANARY-7f3a-of-the-original"

    /// A file as the artist has it.
    func original(_ title: String, on machine: SimulatedMachine) throws -> URL {
        let url = machine.disk.folder.appendingPathComponent("\(title)-\(Self.canary).png")
        try Data("\(Self.canary) pixels of \(title)".utf8).write(to: url)
        return url
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
