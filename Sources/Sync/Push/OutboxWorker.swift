import Core
import Foundation
import Store

/// One round over the queue: every item that is due is moved on as far as it goes, then the small operations are sent.
/// What befalls one item never holds up another.
struct OutboxWorker {
    struct Result {
        var published = 0
        var sent = 0
        var failed = 0
        var block: NetworkBlock?
    }

    let context: PublishContext
    let lease: WorkerLease

    /// - Parameters:
    ///   - capabilities: what the server can do; asks it where that is not known yet.
    ///   - blocked: why the network is of no use; then only what needs none is done.
    ///   - working: called when there is something to do.
    func run(
        capabilities: @escaping () throws -> Capabilities, blocked: NetworkBlock?, working: () -> Void
    ) throws -> Result {
        var result = Result(block: blocked)
        try context.vault.reclaim()
        var seen: Set<ClientID> = []
        while !context.isStopping(),
            let work = try context.vault.claimNext(lease, except: seen, networkless: result.block != nil)
        {
            working()
            seen.insert(work.item.id)
            let block = result.block
            let driver = ItemDriver(context: context, capabilities: capabilities, block: { block })
            if let found = try driver.drive(work) { result.block = result.block ?? found }
            switch try context.vault.item(work.item.id)?.state {
            case .published: result.published += 1
            case .needsAttention, .conflict: result.failed += 1
            default: break
            }
        }
        if result.block == nil { try sendOperations(&result, capabilities: capabilities, working: working) }
        return result
    }

    private func sendOperations(
        _ result: inout Result, capabilities: () throws -> Capabilities, working: () -> Void
    ) throws {
        let now = context.clock.now()
        let due = try context.vault.queuedOperations().filter { operation in
            !operation.acknowledged && operation.attention == nil && operation.isDue(at: now)
        }
        guard !due.isEmpty else { return }
        working()
        let outcome = try context.store.whileSendingOperations { () throws -> Result in
            var round = result
            let sender = OperationSender(context: context)
            for operation in due where !context.isStopping() {
                do {
                    try sender.send(operation, capabilities: try capabilities())
                    round.sent += 1
                    context.report(.sent(operation.operation))
                } catch let fault as ServerFault {
                    if let block = try sender.settle(fault, of: operation, failed: &round.failed) {
                        round.block = block
                        break
                    }
                }
            }
            return round
        }
        if let outcome { result = outcome }
    }
}
