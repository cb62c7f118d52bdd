import Core
import Foundation
import Store
import Sync

/// Two to eight clients of up to three people who publish, edit, delete and cancel while everything that can fails:
/// one seed is one such history.
///
/// Actions of others happen between rounds and in the middle of them, while a request is under way. Some machines run
/// two programs on one store.
final class RandomSchedule: Chooser {
    private static let actions = 12...24
    let seed: UInt64
    private var random: SplitMix
    private let world: SimulatedWorld
    private var ledger = Ledger()
    private var isArmed = false
    /// How bad this history is: of a hundred requests, so many fail.
    private let networkFaults: Int
    /// Of ten thousand changes of a disk, so many are the last.
    private let diskFaults: Int
    private var depth = 0
    private var words = 0
    /// Something was found while a request was under way, where it could not be thrown.
    private var found: (any Error)?
    private(set) var faults = 0

    /// - Parameter disksForget: a crash takes the last commit with it, which must be found out.
    init(seed: UInt64, disksForget: Bool = false) throws {
        self.seed = seed
        random = SplitMix(state: seed)
        networkFaults = [0, 5, 15, 40].randomElement(using: &random)!
        diskFaults = [0, 20, 100].randomElement(using: &random)!
        world = try SimulatedWorld(seed: seed ^ 0xFFFF)
        world.disksForget = disksForget
        let people = try Template.shared().people
        for index in 0..<Int.random(in: 2...8, using: &random) {
            // At least two machines of one person, so that edits can meet.
            let person = index < 2 ? people[0] : people.randomElement(using: &random)!
            _ = try world.addMachine(of: person, processes: Int.random(in: 1...4, using: &random) == 1 ? 2 : 1)
        }
    }

    /// Where everything of this history lies.
    var folder: URL { world.folder }

    func run() throws {
        world.chooser = self
        // Each would keep the other alive, and with it the files of every store, after the history has ended.
        defer { world.chooser = FairWeather() }
        isArmed = true
        for _ in 0..<Int.random(in: Self.actions, using: &random) {
            try act()
            if let found { throw found }
        }
        isArmed = false
        try quiesce()
        try judge()
    }

    // MARK: What goes wrong

    func fault(for request: HTTPRequest) -> NetworkFault? {
        guard isArmed, Int.random(in: 0..<100, using: &random) < networkFaults else { return nil }
        faults += 1
        return NetworkFault.kinds(of: request).randomElement(using: &random)
    }

    func crashes(before change: SimulatedDisk.Change) -> Bool {
        guard isArmed, Int.random(in: 0..<10_000, using: &random) < diskFaults else { return false }
        faults += 1
        return true
    }

    func meanwhile(_ process: SimulatedProcess) {
        guard isArmed, found == nil, depth < 3, Int.random(in: 0..<12, using: &random) == 0 else { return }
        depth += 1
        defer { depth -= 1 }
        do { try act() } catch { found = error }
    }

    // MARK: What people do

    private func act() throws {
        world.clock.advance(by: 0.01)
        let machine = world.machines.randomElement(using: &random)!
        // A machine that died while a round of it is on the stack stays down until that has ended.
        if machine.isDown {
            if machine.processes.contains(where: \.isBusy) { return }
            try machine.recover()
        }
        let process = machine.processes.randomElement(using: &random)!
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<18: try publish(process)
        case 18..<30: try edit(process)
        case 30..<36: try editQueued(process)
        case 36..<41: try delete(process)
        case 41..<47: try cancel(process)
        case 47..<55: try mark(process)
        case 55..<58: world.clock.advance(by: Double(Int.random(in: 1...100_000, using: &random)))
        default: try sync(process)
        }
    }

    private func newWord(_ prefix: String) -> String {
        words += 1
        return "\(prefix)\(words)"
    }

    private func publish(_ process: SimulatedProcess) throws {
        let word = newWord("piece")
        let file = try world.original(word, on: process.machine)
        let draft = Draft(title: word, caption: "first line", altText: "alt \(word)", tags: ["ink"])
        guard let item = try process.attempt({ try process.store.enqueue(file: file, draft: draft) }) else { return }
        ledger.pieces.append(
            .init(item: item.id, machine: process.machine, person: process.machine.person, words: [word]))
    }

    /// A status of their own that their program shows.
    private func shown(_ process: SimulatedProcess) throws -> LibraryEntry? {
        let entries = try process.attempt { try process.store.timeline(.home, limit: 60, before: nil) } ?? []
        return entries.filter { $0.isMine && $0.state != .queued }.randomElement(using: &random)
    }

    /// Adds a word to what the program shows.
    private func edit(_ process: SimulatedProcess) throws {
        guard let entry = try shown(process) else { return }
        let status = entry.status
        let word = newWord("edit")
        let draft = Draft(
            title: status.title, caption: status.caption + "\n" + word, altText: status.media.first?.description ?? "",
            tags: status.tags, sensitive: status.sensitive, spoilerText: status.spoilerText,
            visibility: status.visibility, license: status.provenance?.license,
            recipe: status.provenance?.recipe ?? "subtle")
        let operation = PendingOperation.edit(statusID: status.id, draft)
        guard try process.attempt({ try process.store.perform(operation) }) != nil else { return }
        ledger.edits.append(
            .init(statusID: status.id, machine: process.machine, person: process.machine.person, word: word))
    }

    private func editQueued(_ process: SimulatedProcess) throws {
        let items = try process.attempt { try process.store.items(includingDone: false) } ?? []
        guard let item = items.randomElement(using: &random) else { return }
        let word = newWord("late")
        var draft = item.draft
        draft.caption += "\n" + word
        if Bool.random(using: &random) { draft.recipe = draft.recipe == "mark" ? "subtle" : "mark" }
        guard try process.attempt({ try process.store.edit(item.id, draft) }) != nil else { return }
        if let index = ledger.pieces.firstIndex(where: { $0.item == item.id }) {
            ledger.pieces[index].words.append(word)
        }
    }

    private func delete(_ process: SimulatedProcess) throws {
        guard let entry = try shown(process) else { return }
        ledger.deletionWishes.insert(entry.id)
        if try process.attempt({ try process.store.perform(.delete(statusID: entry.id)) }) != nil {
            ledger.deletions.insert(entry.id)
        }
    }

    private func cancel(_ process: SimulatedProcess) throws {
        let items = try process.attempt { try process.store.items(includingDone: false) } ?? []
        guard let item = items.randomElement(using: &random) else { return }
        let index = ledger.pieces.firstIndex { $0.item == item.id }
        if let index { ledger.pieces[index].wantsCancelling = true }
        if try process.attempt({ try process.store.cancel(item.id) }) != nil, let index {
            ledger.pieces[index].isCancelled = true
        }
    }

    private func mark(_ process: SimulatedProcess) throws {
        let entries = try process.attempt { try process.store.timeline(.home, limit: 60, before: nil) } ?? []
        guard let id = entries.filter({ $0.state != .queued }).randomElement(using: &random)?.id else { return }
        let value = Int.random(in: 0..<3, using: &random) > 0
        let isFavourite = Bool.random(using: &random)
        _ = try process.attempt {
            try process.store.perform(
                isFavourite ? .favourite(statusID: id, value) : .bookmark(statusID: id, value))
        }
    }

    private func sync(_ process: SimulatedProcess) throws {
        // A second pull into one store waits for the first, which would wait for it here.
        let isAlone = !process.machine.processes.contains(where: \.isBusy)
        guard !process.isBusy else { return }
        _ = try process.round(pulling: isAlone && Int.random(in: 0..<4, using: &random) > 0)
    }

    // MARK: The end

    private func quiesce() throws {
        for _ in 0..<40 {
            var isQuiet = true
            for machine in world.machines {
                if machine.isDown { try machine.recover() }
                for process in machine.processes where try process.waiting() > 0 {
                    isQuiet = false
                    _ = try process.round()
                }
            }
            world.clock.advance(by: 1_000)
            if isQuiet, try !world.deliverHeld() {
                // Everybody hears of what the others did last; programs on one machine share what they hear.
                for machine in world.machines {
                    guard try machine.processes[0].round()?.waiting == 0 else {
                        throw Violation("\(machine.name) does not come to rest")
                    }
                }
                return
            }
        }
        throw Violation("something waits for ever")
    }

    private func judge() throws {
        for person in Set(world.machines.map(\.person)) {
            let truth = try world.everything(for: person)
            try judgePieces(of: person, truth)
            try judgeEdits(of: person, truth)
            for machine in world.machines where machine.person == person {
                for process in machine.processes { try judgeView(process, truth) }
            }
        }
    }

    private func judgePieces(of person: SimulatedPerson, _ truth: [String: Status]) throws {
        for piece in ledger.pieces where piece.person == person {
            let store = piece.machine.processes[0].store!
            guard let item = try store.item(piece.item) else { throw Violation("\(piece.words[0]) is lost") }
            let why = "\(piece.words[0]): \(item.state) \(item.attention?.message ?? "")"
            let out = truth.values.filter { $0.title == piece.words[0] }
            guard out.count <= 1 else { throw Violation("\(why): \(out.count) on the server") }
            if piece.isCancelled {
                guard out.isEmpty else { throw Violation("\(why): cancelled, and on the server") }
                continue
            }
            let isDeleted = item.statusID.map(ledger.deletions.contains) ?? false
            let mayBeDeleted = item.statusID.map(ledger.deletionWishes.contains) ?? false || piece.wantsCancelling
            switch item.state {
            case .published:
                guard let id = item.statusID else { throw Violation("\(why) without an id") }
                guard let receipt = try store.receipt(piece.item), ReceiptSigner.verify(receipt), receipt.statusID == id
                else { throw Violation("\(why): no receipt") }
                guard let status = out.first else {
                    if mayBeDeleted { continue }
                    throw Violation("\(why): not on the server")
                }
                if isDeleted { throw Violation("\(why): deleted, and there again") }
                guard status.id == id, piece.words.allSatisfy(status.text.contains) else {
                    throw Violation("\(why): \(piece.words) in \(StatusView(status))")
                }
            case .cancelled where piece.wantsCancelling:
                guard out.isEmpty else { throw Violation("\(why): on the server all the same") }
            case .needsAttention where item.attention?.kind == .gone:
                // Published, and deleted by another machine of theirs before this one knew.
                guard out.isEmpty else { throw Violation("\(why): on the server all the same") }
            default: throw Violation("\(why): left")
            }
        }
    }

    private func judgeEdits(of person: SimulatedPerson, _ truth: [String: Status]) throws {
        for edit in ledger.edits where edit.person == person {
            guard let status = truth[edit.statusID] else {
                if ledger.deletionWishes.contains(edit.statusID) || isWithdrawn(edit.statusID) { continue }
                throw Violation("\(edit.word): its status is gone")
            }
            if status.text.contains(edit.word) { continue }
            // In conflict with another edit, and kept.
            let kept = try edit.machine.processes[0].unsentDrafts().contains { $0.statusText.contains(edit.word) }
            if !kept { throw Violation("the caption \(edit.word) is lost: \(StatusView(status))") }
        }
    }

    /// A piece that was cancelled too late is deleted after it was published.
    private func isWithdrawn(_ statusID: String) -> Bool {
        ledger.pieces.contains { piece in
            piece.wantsCancelling && (try? piece.machine.processes[0].store.item(piece.item)?.statusID) == statusID
        }
    }

    private func judgeView(_ process: SimulatedProcess, _ truth: [String: Status]) throws {
        let home = try process.store.timeline(.home, limit: 500, before: nil)
        let me = process.machine.person.account.id
        let follows = ["ada": ["bo"], "bo": ["ada"], "cem": []][process.machine.person.name]!
        let expected = truth.values.filter { $0.account.id == me || follows.contains($0.account.username) }
        // A piece that waits for the artist is shown beside what the server has.
        let shown = home.filter { $0.state != .queued }
        for entry in shown where entry.state != .synced { throw Violation("\(process.name): \(entry.id) still waits") }
        let here = Dictionary(uniqueKeysWithValues: shown.map { ($0.id, StatusView($0.status)) })
        let there = Dictionary(uniqueKeysWithValues: expected.map { ($0.id, StatusView($0)) })
        if here != there {
            let ids = Set(here.keys).union(there.keys).filter { here[$0] != there[$0] }.sorted()
            let differences = ids.map { "here \(here[$0]?.description ?? "–"), there \(there[$0]?.description ?? "–")" }
            throw Violation("\(process.name) shows something else: \(differences.joined(separator: "; "))")
        }
    }
}

extension SimulatedProcess {
    /// Edits that the server would not take and that are kept for the artist.
    func unsentDrafts() throws -> [Draft] {
        try vault.operations().compactMap { queued in
            guard case .edit(_, let draft) = queued.operation, queued.state != .waiting else { return nil }
            return draft
        }
    }
}
