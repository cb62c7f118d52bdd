import Synchronization

/// Work that other threads hand to the main thread.
final class Mailbox: Sendable {
    typealias Delivery = @MainActor @Sendable () -> Void

    private let deliveries = Mutex<[Delivery]>([])
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func post(_ delivery: @escaping Delivery) {
        deliveries.withLock { $0.append(delivery) }
        wake()
    }

    /// Does what was handed over; true when there was something.
    @MainActor func deliver() -> Bool {
        let waiting = deliveries.withLock { list in
            defer { list = [] }
            return list
        }
        for delivery in waiting { delivery() }
        return !waiting.isEmpty
    }
}
