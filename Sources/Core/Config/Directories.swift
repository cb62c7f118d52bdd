import Foundation

/// Where the program keeps its files (XDG Base Directory Specification 0.8). Directories are 0700, files 0600.
public struct Directories: Hashable, Sendable {
    /// What must never be lost: vault, blobs, originals, keys.
    public var data: URL
    public var config: URL
    /// What the server can give again.
    public var cache: URL
    /// Logs.
    public var state: URL

    public init(data: URL, config: URL, cache: URL, state: URL) {
        self.data = data
        self.config = config
        self.cache = cache
        self.state = state
    }

    /// From the environment, with the specification's defaults; relative values are ignored, as it demands.
    public init(environment: [String: String]) {
        let home = URL(fileURLWithPath: environment["HOME"] ?? NSHomeDirectory(), isDirectory: true)
        func directory(_ variable: String, _ fallback: String) -> URL {
            let base: URL
            if let value = environment[variable], value.hasPrefix("/") {
                base = URL(fileURLWithPath: value, isDirectory: true)
            } else {
                base = home.appendingPathComponent(fallback, isDirectory: true)
            }
            return base.appendingPathComponent("fixative", isDirectory: true)
        }
        data = directory("XDG_DATA_HOME", ".local/share")
        config = directory("XDG_CONFIG_HOME", ".config")
        cache = directory("XDG_CACHE_HOME", ".cache")
        state = directory("XDG_STATE_HOME", ".local/state")
    }

    /// All four under one folder: for tests and `--data`.
    public init(under root: URL) {
        data = root.appendingPathComponent("data", isDirectory: true)
        config = root.appendingPathComponent("config", isDirectory: true)
        cache = root.appendingPathComponent("cache", isDirectory: true)
        state = root.appendingPathComponent("state", isDirectory: true)
    }
}

/// Making and checking private places on disk.
public enum PrivateFiles {
    /// Makes the directory with mode 0700, or checks that nobody else may enter it and tightens it if they may.
    public static func makeDirectory(_ url: URL) throws {
        try create(url)
        try tighten(url, to: 0o700)
    }

    /// Makes what is missing of the path, and makes it last: a file that is synchronised in a folder whose own entry a
    /// power cut takes away is lost with it.
    private static func create(_ url: URL) throws {
        let parent = url.deletingLastPathComponent()
        guard !FileManager.default.fileExists(atPath: url.path) else { return }
        if parent.path != url.path { try create(parent) }
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(parent.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        // A file system that cannot synchronise a folder is no reason to do without one.
        fsync(descriptor)
        close(descriptor)
    }

    /// Gives a file mode 0600 if it has more.
    public static func tighten(_ url: URL, to mode: Int = 0o600) throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        let present = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
        if present & ~mode & 0o777 != 0 {
            try FileManager.default.setAttributes([.posixPermissions: present & mode], ofItemAtPath: url.path)
        }
    }
}
