import Foundation

/// Runs work that blocks or takes long away from the threads that serve requests, so many pieces at once.
package final class BlockingWork: Sendable {
    private let queue = OperationQueue()

    package init(_ label: String, width: Int) {
        queue.name = label
        queue.maxConcurrentOperationCount = width
    }

    package func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try work() }) }
        }
    }
}
