import Foundation

/// A TCP proxy on this machine that records every byte both ways and breaks connections on demand.
public final class FaultProxy: @unchecked Sendable {
    public enum Direction: Sendable { case up, down }

    /// What happens to the bytes.
    public enum Fault: Sendable {
        case pass
        /// New connections are reset as soon as they are made.
        case refuse
        /// After that many more bytes in that direction the connection is reset.
        case cut(Direction, after: Int)
        /// After that many more bytes in that direction nothing more is passed on, and the connection stays open.
        case stall(Direction, after: Int)
    }

    private struct State {
        var fault = Fault.pass
        /// Counting begins when these bytes have gone up on a connection; nil means at once.
        var trigger: Data?
        var upstream: UInt16
        var sent: [Data] = []
        var received: [Data] = []
        var struck = 0
        var held = 0
        var open: [ObjectIdentifier: Connection] = [:]
    }

    private let state: Monitor<State>
    private let listener: Monitor<Listener>
    public let port: UInt16

    /// Listens on a free port.
    public init(upstream port: UInt16) throws {
        state = Monitor(State(upstream: port))
        let relay = Relay(state)
        let first = try Listener { relay.serve($0) }
        self.port = first.port
        listener = Monitor(first)
    }

    deinit {
        listener.withLock { $0.stop() }
        state.withLock { state in state.open.values.forEach { $0.end() } }
    }

    /// From now on connecting is refused by the system, as where nobody listens; open connections break.
    public func goOffline() {
        listener.withLock { $0.stop() }
        dropConnections()
    }

    /// Listens again on the same port. Throws `POSIXError` when somebody else has taken it meanwhile.
    public func goOnline() throws {
        let relay = Relay(state)
        // The port is free as soon as the old listener's thread has noticed.
        let again = eventually(within: 10) { try? Listener(port: port) { relay.serve($0) } }
        guard let again else { throw POSIXError(.EADDRINUSE) }
        listener.withLock { $0 = again }
    }

    /// Where connections go from now on.
    public func setUpstream(_ port: UInt16) { state.withLock { $0.upstream = port } }

    /// - Parameter trigger: The fault counts its bytes on a connection from the place where these went up.
    public func setFault(_ fault: Fault, trigger: String? = nil) {
        state.withLock { state in
            state.fault = fault
            state.trigger = trigger.map { Data($0.utf8) }
            state.struck = 0
            state.held = 0
        }
    }

    /// Breaks every open connection.
    public func dropConnections() { state.withLock { state in state.open.values.forEach { $0.reset() } } }

    /// Waits until the fault has happened; false after the deadline.
    public func waitForFault(_ seconds: TimeInterval) -> Bool {
        state.wait(seconds) { $0.struck > 0 ? true : nil } ?? false
    }

    /// Waits until a stall holds bytes back: the other side has answered, and nobody will hear of it.
    public func waitForHeldBytes(_ seconds: TimeInterval) -> Bool {
        state.wait(seconds) { $0.held > 0 ? true : nil } ?? false
    }

    /// Everything that clients sent, one piece for each connection.
    public var sent: [Data] { state.withLock { $0.sent } }
    /// Everything that the upstream answered, one piece for each connection.
    public var received: [Data] { state.withLock { $0.received } }

    /// The two threads of each connection.
    private final class Relay: Sendable {
        private let state: Monitor<State>

        init(_ state: Monitor<State>) { self.state = state }

        func serve(_ client: Connection) {
            let port: UInt16? = state.withLock { state in
                if case .refuse = state.fault {
                    state.struck += 1
                    return nil
                }
                return state.upstream
            }
            guard let port, let server = Connection(to: port) else {
                client.reset()
                return
            }
            let number = state.withLock { state in
                state.sent.append(Data())
                state.received.append(Data())
                state.open[ObjectIdentifier(client)] = client
                state.open[ObjectIdentifier(server)] = server
                return state.sent.count - 1
            }
            let counter = Counter()
            let down = Monitor(false)
            Thread.detachNewThread {
                self.copy(from: server, to: client, .down, number, counter)
                down.withLock { $0 = true }
            }
            copy(from: client, to: server, .up, number, counter)
            _ = down.wait(600) { $0 ? true : nil }
            state.withLock { state in
                state.open[ObjectIdentifier(client)] = nil
                state.open[ObjectIdentifier(server)] = nil
            }
        }

        private func copy(
            from source: Connection, to target: Connection, _ direction: Direction, _ number: Int, _ counter: Counter
        ) {
            while true {
                let piece = source.read()
                guard !piece.isEmpty else { break }
                let decision = state.withLock { state in
                    if direction == .up {
                        state.sent[number].append(piece)
                    } else {
                        state.received[number].append(piece)
                    }
                    return counter.decide(piece, direction, &state)
                }
                let pass = piece.prefix(decision.pass)
                if !pass.isEmpty, !target.write(pass) { break }
                if decision.cut {
                    source.reset()
                    target.reset()
                    return
                }
            }
            if direction == .up { target.finishWriting() } else { target.end() }
        }
    }

    /// How far one connection is on its way to the fault.
    private final class Counter: @unchecked Sendable {
        private var isArmed = false
        private var seen = Data()
        private var up = 0
        private var down = 0

        /// Called under the state's lock.
        func decide(_ piece: Data, _ direction: Direction, _ state: inout State) -> (pass: Int, cut: Bool) {
            let fault: (Direction, Int, Bool)
            switch state.fault {
            case .pass, .refuse: return (piece.count, false)
            case .cut(let direction, let after): fault = (direction, after, true)
            case .stall(let direction, let after): fault = (direction, after, false)
            }
            let armedFrom = arm(piece, direction, state.trigger)
            guard isArmed, direction == fault.0 else { return (piece.count, false) }
            let before = direction == .up ? up : down
            let counted = piece.count - armedFrom
            if direction == .up { up += counted } else { down += counted }
            guard before + counted > fault.1 else { return (piece.count, false) }
            let pass = armedFrom + max(0, fault.1 - before)
            state.struck += 1
            state.held += piece.count - pass
            return (pass, fault.2)
        }

        /// Where in the piece counting begins.
        private func arm(_ piece: Data, _ direction: Direction, _ trigger: Data?) -> Int {
            if isArmed { return 0 }
            guard let trigger else {
                isArmed = true
                return 0
            }
            guard direction == .up else { return 0 }
            let before = seen.suffix(max(0, trigger.count - 1))
            let window = before + piece
            seen = Data(window)
            guard let found = window.range(of: trigger) else { return 0 }
            isArmed = true
            return max(0, window.distance(from: window.startIndex, to: found.upperBound) - before.count)
        }
    }
}
