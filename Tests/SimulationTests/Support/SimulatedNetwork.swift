import Core
import Foundation

/// The network between one process and the server.
final class SimulatedNetwork: HTTPClient, @unchecked Sendable {
    private unowned let process: SimulatedProcess
    private unowned let world: SimulatedWorld

    init(process: SimulatedProcess, world: SimulatedWorld) {
        self.process = process
        self.world = world
    }

    func send(
        _ request: HTTPRequest, progress: (@Sendable (_ sent: Int64, _ total: Int64) -> Bool)?
    ) throws -> HTTPResponse {
        if process.isDead || process.machine.disk.isDead { throw Killed() }
        if let progress, !progress(1, 2) { throw HTTPFailure(.cancelled, "cancelled") }
        let held = world.takeHeld(of: process)
        for late in held.before { _ = try world.server.handle(late) }
        defer { for late in held.after { _ = try? world.server.handle(late) } }
        try world.inspect(request)
        world.chooser.meanwhile(process)
        if process.isDead || process.machine.disk.isDead { throw Killed() }
        // Pictures of the community prove nothing here and would cost the most.
        if request.method == "GET", !request.url.path.hasPrefix("/api/") { return Self.picture }
        guard let fault = world.chooser.fault(for: request) else { return try world.server.handle(request) }
        let broken = HTTPFailure(.interrupted, "the connection broke")
        switch fault {
        case .lostRequest: throw broken
        case .lostAnswer:
            _ = try world.server.handle(request)
            throw broken
        case .twice:
            _ = try world.server.handle(request)
            return try world.server.handle(request)
        case .lateBeforeNext, .lateAfterNext, .lateAtTheEnd:
            world.hold(try Self.frozen(request), of: process, fault)
            throw broken
        case .restartBefore:
            try world.server.restart()
            throw broken
        case .restartAfter:
            _ = try world.server.handle(request)
            try world.server.restart()
            throw broken
        case .crashBefore: throw killed()
        case .crashAfter:
            _ = try world.server.handle(request)
            throw killed()
        }
    }

    private static let picture = HTTPResponse(
        status: 200, body: Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))

    private func killed() -> Killed {
        process.isDead = true
        // Alone on its machine, nothing that it still tries may reach the disk.
        if process.machine.processes.count == 1 { process.machine.disk.die() }
        return Killed()
    }

    /// The bytes as they are now: the file may be gone when they arrive.
    private static func frozen(_ request: HTTPRequest) throws -> HTTPRequest {
        var request = request
        let (bytes, type) = try WireBody.encode(request.body)
        if case .none = request.body { return request }
        request.body = .data(bytes)
        if let type { request.headers.append(("Content-Type", type)) }
        return request
    }
}
