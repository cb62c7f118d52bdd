import Core
import Foundation
import GRDB
import Store
import Testing

@Suite struct SafekeepingTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture() }

    @Test func everythingIsPrivate() throws {
        let store = try fixture.open()
        _ = try store.vault.enqueue(file: fixture.original(), draft: Draft())
        try AccountRegistry(fixture.directories).add(fixture.signedIn, token: "secret")
        var count = 0
        for folder in [fixture.directories.data, fixture.directories.cache] {
            for case let url as URL in try #require(
                FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            {
                let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
                let mode = try #require(attributes[.posixPermissions] as? NSNumber).intValue
                #expect(mode & 0o077 == 0, "\(url.path) has mode \(String(mode, radix: 8))")
                count += 1
            }
        }
        #expect(count > 8)
    }

    @Test func aLaxTokenIsTightened() throws {
        let registry = AccountRegistry(fixture.directories)
        try registry.add(fixture.signedIn, token: "secret")
        let token = fixture.folder.appendingPathComponent("token")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: token.path)
        #expect(try registry.token(of: fixture.signedIn) == "secret")
        let attributes = try FileManager.default.attributesOfItem(atPath: token.path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }

    @Test(arguments: ["vault.db", "cache.db"])
    func aNewerSchemaIsLeftAlone(name: String) throws {
        _ = try fixture.open()
        let path = fixture.folder.appendingPathComponent(name).path
        try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let error = #expect(throws: UserError.self) { try fixture.open() }
        #expect(error?.message.contains("newer version") == true)
        let version = try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        #expect(version == 99)
    }

    @Test func aDamagedCacheIsMadeAnewAndTheVaultIsNotTouched() throws {
        let item = try fixture.open().vault.enqueue(file: fixture.original(), draft: Draft())
        let cache = fixture.folder.appendingPathComponent("cache.db")
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: cache.path + suffix) }
        try Data(repeating: 0x41, count: 8192).write(to: cache)
        let store = try fixture.open()
        #expect(try store.library.timeline(.home, limit: 5, before: nil).map(\.id) == [item.id.description])
        let vault = fixture.folder.appendingPathComponent("vault.db")
        try Data(repeating: 0x41, count: 8192).write(to: vault)
        #expect(throws: UserError.self) { try fixture.open() }
        #expect(try Data(contentsOf: vault) == Data(repeating: 0x41, count: 8192))
    }

    @Test func theVaultIsWrittenInFull() throws {
        let store = try fixture.open()
        _ = try store.vault.enqueue(file: fixture.original(), draft: Draft())
        let queue = try DatabaseQueue(path: fixture.folder.appendingPathComponent("vault.db").path)
        #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } != "wal")
        #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
    }

    /// A program that switches accounts for weeks must not run out of files.
    @Test func aStoreThatIsLetGoOfLeavesNoFileOpen() throws {
        func open() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
            }.filter { $0.hasPrefix(fixture.root.path) }
        }
        do {
            let store = try fixture.open()
            _ = try store.vault.enqueue(file: fixture.original(), draft: Draft())
            let lease = try store.vault.startWorker()
            #expect(try store.vault.claimNext(lease) != nil)
            try store.whilePulling { _ = try store.library.timeline(.home, limit: 5, before: nil) }
            #expect(try !open().isEmpty)
        }
        #expect(try open() == [])
    }

    @Test func loggingOutTakesTheTokenAndKeepsTheQueue() throws {
        let local = LocalStore(fixture.directories, clock: fixture.clock)
        #expect(try local.currentAccount() == nil)
        #expect(throws: UserError.self) { try local.enqueue(file: fixture.original(), draft: Draft()) }
        try local.registry.add(fixture.signedIn, token: "secret")
        let item = try local.enqueue(file: fixture.original(), draft: Draft())
        #expect(try local.currentAccount() == fixture.signedIn)
        try local.registry.remove(fixture.signedIn)
        #expect(try local.currentAccount() == nil)
        #expect(try local.items(includingDone: true).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.appendingPathComponent("token").path))
        try local.registry.add(fixture.signedIn, token: "other")
        #expect(try local.items(includingDone: true).map(\.id) == [item.id])
    }

    @Test func anotherProcessesChangesAreNoticed() throws {
        let local = LocalStore(fixture.directories, clock: fixture.clock)
        try local.registry.add(fixture.signedIn, token: "secret")
        let first = local.version()
        #expect(local.version() == first)
        let other = try fixture.open()
        _ = try other.vault.enqueue(file: fixture.original(), draft: Draft())
        let second = local.version()
        #expect(second != first)
        try other.cache.put([status(1, by: fixture.me, text: "x")])
        let third = local.version()
        #expect(third != second)
        other.vault.setProgress(ClientID(), 0.5)
        #expect(local.version() == third)
        try local.current()?.vault.setProgress(ClientID(), 0.5)
        #expect(local.version() != third)
    }
}
