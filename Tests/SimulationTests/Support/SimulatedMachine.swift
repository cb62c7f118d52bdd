import Core
import Foundation
import Store
import Sync

/// The process was killed.
struct Killed: Error {}

/// An artist's machine: one disk, and one or two processes (terminal and command line) that share the store on it.
final class SimulatedMachine {
    let name: String
    let person: SimulatedPerson
    let disk: SimulatedDisk
    private unowned let world: SimulatedWorld
    private(set) var processes: [SimulatedProcess] = []

    init(_ name: String, of person: SimulatedPerson, in world: SimulatedWorld, processes count: Int = 1) throws {
        self.name = name
        self.person = person
        self.world = world
        disk = SimulatedDisk("\(world.name)/\(name)")
        try FileManager.default.copyItem(at: try Template.shared().machine(of: person), to: disk.folder)
        disk.crash { [unowned world] change in
            if world.disksForget, change.isVaultCommit { ForgetfulDisk.remember(change.path) }
            return world.chooser.crashes(before: change)
        }
        processes = try (0..<count).map { try SimulatedProcess("\(name).\($0)", on: self, in: world) }
    }

    deinit { disk.remove() }

    /// Starts again what was killed. When the disk died, all processes died with it.
    func recover() throws {
        if disk.isDead {
            for process in processes { process.end() }
            if world.disksForget { ForgetfulDisk.forget(under: disk.folder) }
            disk.revive()
        }
        for process in processes where process.isDead { try process.start() }
    }

    var isDown: Bool { disk.isDead || processes.contains(where: \.isDead) }
}

/// One running program: the real store and the real engine.
final class SimulatedProcess {
    let name: String
    unowned let machine: SimulatedMachine
    private unowned let world: SimulatedWorld
    private(set) var store: LocalStore!
    private(set) var engine: SyncEngine!
    /// Killed by the network's side of the simulation.
    var isDead = false
    /// A round is on the stack: it cannot begin another.
    var isBusy = false

    fileprivate init(_ name: String, on machine: SimulatedMachine, in world: SimulatedWorld) throws {
        self.name = name
        self.machine = machine
        self.world = world
        try start()
    }

    fileprivate func end() {
        engine = nil
        store = nil
        isDead = true
    }

    fileprivate func start() throws {
        end()
        store = LocalStore(Directories(under: machine.disk.folder), clock: world.clock)
        engine = SyncEngine(
            store: store, http: SimulatedNetwork(process: self, world: world), protection: PictureProtection(),
            clock: world.clock, random: { [unowned world] range in world.jitter(range) })
        isDead = false
    }

    var vault: Vault {
        get throws {
            guard let current = try store.current() else { throw UserError("Nobody is logged in.", .internal) }
            return current.vault
        }
    }

    /// One round; nil when the process was killed in it.
    func round(pulling: Bool = true) throws -> SyncSummary? {
        isBusy = true
        defer { isBusy = false }
        do {
            let summary = try engine.runOnce(pulling: pulling)
            return isDead || machine.disk.isDead ? nil : summary
        } catch {
            // Whatever a killed process still says is heard by nobody.
            if isDead || machine.disk.isDead { return nil }
            throw error
        }
    }

    /// How many pieces and operations wait to be sent.
    func waiting() throws -> Int {
        try store.items(includingDone: false).filter { !$0.state.isResting }.count
            + vault.queuedOperations().filter { !$0.acknowledged && $0.attention == nil }.count
    }

    /// Something that the artist does; nil when the process was killed in it or the program said no.
    func attempt<T>(_ body: () throws -> T) throws -> T? {
        do {
            let value = try body()
            return machine.disk.isDead ? nil : value
        } catch {
            if machine.disk.isDead { return nil }
            if let said = error as? UserError, said.status != .internal { return nil }
            throw error
        }
    }
}
