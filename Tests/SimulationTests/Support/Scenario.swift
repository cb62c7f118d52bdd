import Core
import Foundation
import Store
import Sync

/// Something that one artist does on one machine, with faults in between, to its end.
enum Scenario: String, CaseIterable, Sendable {
    case publish, edit, delete, cancel
}

/// Runs schedules of a scenario one after the other; the world is used again, because making one costs more than a
/// schedule.
final class ScenarioRunner: @unchecked Sendable {
    /// A world in which more was published is slower to pull, and a new one costs as much as three schedules. What a pull
    /// asks of a plain server depends on all that was published before, so where that is under faults every schedule
    /// begins in a new one: the points of a schedule must be those of the one that it was made from.
    private let schedulesPerWorld: Int
    private let scenario: Scenario
    private let hasExtension: Bool
    /// Whether pulls are under faults too; else only what is sent is, and the pulls follow undisturbed.
    private let pulls: Bool
    private var world: SimulatedWorld?
    private var machine: SimulatedMachine!
    private var count = 0
    private var lastID = "0"

    init(_ scenario: Scenario, hasExtension: Bool, pulls: Bool) {
        self.scenario = scenario
        self.pulls = pulls
        self.hasExtension = hasExtension
        schedulesPerWorld = pulls && !hasExtension ? 1 : 6
    }

    /// - Returns: the widths of the points at which something could have gone wrong.
    func run(_ script: [Int]) throws -> [Int] {
        if count % schedulesPerWorld == 0 {
            world = nil
            let fresh = try SimulatedWorld(hasExtension: hasExtension)
            machine = try fresh.addMachine(of: try Template.shared().people[0])
            world = fresh
            // Every schedule begins with a program that runs, has published before and has nothing to do.
            _ = try insist { process in
                try process.store.enqueue(
                    file: try fresh.original("first", on: machine), draft: Draft(title: "first"))
            }
            for _ in 0..<2 { _ = try turn(fresh, pulling: true) }
            lastID = try fresh.statuses(of: machine.person, above: "0").map(\.id).max() ?? "0"
        }
        count += 1
        guard let world else { throw Violation("there is no world") }
        let chooser = ScriptedChooser(script)
        world.chooser = chooser
        do {
            world.clock.advance(by: 30 * 3600)
            try run(chooser, in: world)
            if chooser.hasDiverged { throw Violation("the schedule is not deterministic") }
        } catch {
            // The next schedule begins in a world that nothing is wrong with.
            count = 0
            throw error
        }
        return chooser.widths
    }

    private func run(_ chooser: ScriptedChooser, in world: SimulatedWorld) throws {
        let title = "piece\(count)"
        let draft = Draft(title: title, caption: "line one", altText: "alt \(title)", tags: ["ink"])
        let file = try world.original(title, on: machine)
        var item: OutboxItem
        switch scenario {
        case .publish, .cancel:
            chooser.isArmed = true
            item = try insist { try $0.store.enqueue(file: file, draft: draft) }
            if scenario == .cancel {
                _ = try turn(world, pulling: pulls)
                try cancel(item.id)
            }
            try settle(world, pulling: pulls)
        case .edit, .delete:
            item = try insist { try $0.store.enqueue(file: file, draft: draft) }
            // What is edited must have been seen.
            try settle(world, pulling: true)
            let id = try published(item.id)
            chooser.isArmed = true
            var edited = draft
            edited.caption = "line two"
            edited.altText = "other alt"
            let operation: PendingOperation =
                scenario == .edit ? .edit(statusID: id, edited) : .delete(statusID: id)
            try insist { try $0.store.perform(operation) }
            try settle(world, pulling: pulls)
        }
        chooser.isArmed = false
        try quiesce(world)
        try check(item.id, draft, in: world)
        try FileManager.default.removeItem(at: file)
    }

    /// The artist does it again until the program has said that it is done.
    @discardableResult
    private func insist<T>(_ body: (SimulatedProcess) throws -> T) throws -> T {
        for _ in 0..<10 {
            if machine.isDown { try machine.recover() }
            let process = machine.processes[0]
            if let value = try process.attempt({ try body(process) }) { return value }
        }
        throw Violation("the program never says that it is done")
    }

    private func cancel(_ id: ClientID) throws {
        for _ in 0..<10 {
            if machine.isDown { try machine.recover() }
            let process = machine.processes[0]
            let answer = try process.attempt { try process.store.cancel(id) }
            // It is out already: too late is an answer.
            if answer != nil || !machine.isDown { return }
        }
    }

    /// One round; the machine is started again where it went down.
    private func turn(_ world: SimulatedWorld, pulling: Bool) throws -> SyncSummary? {
        if machine.isDown { try machine.recover() }
        let summary = try machine.processes[0].round(pulling: pulling)
        world.clock.advance(by: 1_000)
        return summary
    }

    /// Rounds until nothing waits; false when something still does.
    @discardableResult
    private func settle(_ world: SimulatedWorld, pulling: Bool) throws -> Bool {
        for _ in 0..<12 where try turn(world, pulling: pulling)?.waiting == 0 { return true }
        return false
    }

    private func quiesce(_ world: SimulatedWorld) throws {
        if try machine.isDown || (machine.processes[0].waiting() > 0) { try settle(world, pulling: pulls) }
        // What the network still holds comes when every answer and every memory of a day is long gone.
        world.clock.advance(by: 25 * 3600)
        _ = try world.deliverHeld()
        guard try settle(world, pulling: true) else { throw Violation("something waits for ever") }
    }

    private func published(_ id: ClientID) throws -> String {
        guard let found = try machine.processes[0].store.item(id), let statusID = found.statusID else {
            throw Violation("not published without any fault")
        }
        return statusID
    }

    // MARK: What must hold

    private func check(_ id: ClientID, _ draft: Draft, in world: SimulatedWorld) throws {
        let store = machine.processes[0].store!
        guard let item = try store.item(id) else { throw Violation("the piece is lost") }
        let fresh = try world.statuses(of: machine.person, above: lastID)
        lastID = fresh.map(\.id).max { ($0.utf8.count, $0) < ($1.utf8.count, $1) } ?? lastID
        let why = "\(item.state) \(item.attention?.message ?? "")"
        switch scenario {
        case .cancel:
            let isOut = item.state == .published && !item.cancelRequested
            guard fresh.count == (isOut ? 1 : 0) else {
                throw Violation("cancelled, and \(fresh.count) on the server: \(why)")
            }
            if !isOut, item.state != .cancelled, item.state != .published { throw Violation("cancelled: \(why)") }
            return
        case .delete:
            guard fresh.isEmpty else { throw Violation("deleted, and there again") }
            guard try store.timeline(.home, limit: 50, before: nil).allSatisfy({ $0.id != item.statusID }) else {
                throw Violation("deleted, and still shown")
            }
            return
        case .publish, .edit:
            guard item.state == .published else { throw Violation("not published: \(why)") }
            guard fresh.count == 1 else { throw Violation("\(fresh.count) on the server: \(why)") }
        }
        var expected = draft
        if scenario == .edit {
            expected.caption = "line two"
            expected.altText = "other alt"
        }
        let status = fresh[0]
        guard status.id == item.statusID else { throw Violation("the wrong status is in the queue") }
        guard status.text == expected.statusText, status.media.first?.description == expected.altText else {
            throw Violation("the caption is lost: \(StatusView(status))")
        }
        guard status.media.count == 1, let blob = item.blob, BlobID(of: try world.bytes(of: status.media[0])) == blob
        else { throw Violation("the picture is not the protected one") }
        guard let receipt = try store.receipt(id), ReceiptSigner.verify(receipt), receipt.statusID == status.id else {
            throw Violation("no receipt")
        }
        let shown = try store.timeline(.home, limit: 50, before: nil).filter {
            $0.status.text.contains(draft.title + "\n")
        }
        guard shown.count == 1, shown[0].id == status.id, shown[0].state == .synced else {
            throw Violation("shown \(shown.map { "\($0.id) \($0.state)" })")
        }
        // A plain server does not tell of edits, so that of two late ones only the text can be the same.
        var (here, there) = (StatusView(shown[0].status), StatusView(status))
        if !hasExtension { (here.revision, there.revision) = (nil, nil) }
        guard here == there else {
            throw Violation("shown \(StatusView(shown[0].status)), on the server \(StatusView(status))")
        }
    }
}
