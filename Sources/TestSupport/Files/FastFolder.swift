import Foundation

/// Where tests that sync to disk many hundred times put their files.
public enum FastFolder {
    private static let memory = "/dev/shm"
    /// What all suites together may hold at a time, many times over. Containers often give 64 MB, which are not enough.
    private static let roomNeeded: Int64 = 1 << 30

    /// In memory where there is room for it, else with the other temporary files.
    public static var url: URL {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: memory)
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        return free >= roomNeeded && FileManager.default.isWritableFile(atPath: memory)
            ? URL(fileURLWithPath: memory, isDirectory: true) : FileManager.default.temporaryDirectory
    }
}
