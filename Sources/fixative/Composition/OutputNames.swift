import Core
import Foundation
import Synchronization

/// Which file each protected picture becomes.
struct OutputNames {
    private let files: [String]
    private let output: String?
    private let directory: String?

    /// Refuses a call whose outputs cannot all be written, before any work is done.
    init(files: [String], output: String?, directory: String?) throws {
        guard !files.isEmpty else { throw UserError("Name at least one image file.") }
        if output != nil, files.count > 1 {
            throw UserError("-o names one file, but there are \(files.count) inputs: use --output-dir.")
        }
        if output != nil, directory != nil { throw UserError("Use either -o or --output-dir, not both.") }
        if let directory {
            var isDirectory: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory)
            guard exists, isDirectory.boolValue else {
                throw UserError("There is no directory '\(directory)': make it first.")
            }
            let names = files.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
            if let twice = Dictionary(grouping: names, by: { $0 }).first(where: { $0.value.count > 1 })?.key {
                throw UserError("Two inputs are called '\(twice)': they would become the same file in one directory.")
            }
        }
        self.files = files
        self.output = output
        self.directory = directory
    }

    /// The output where it is known before the work; throws when it is there already.
    func check(_ index: Int) throws -> String? {
        guard let output else { return nil }
        guard !FileManager.default.fileExists(atPath: output) else { throw NewFile.exists(output) }
        return output
    }

    /// `name.protected.ext` beside the input, or `name.ext` in the output directory.
    func proposal(_ index: Int, _ format: ImageFormat) -> String {
        let input = URL(fileURLWithPath: files[index])
        let name = input.deletingPathExtension().lastPathComponent
        if let directory {
            return URL(fileURLWithPath: directory).appendingPathComponent("\(name).\(format.fileExtension)")
                .relativePath
        }
        let folder = (files[index] as NSString).deletingLastPathComponent
        return (folder as NSString).appendingPathComponent("\(name).protected.\(format.fileExtension)")
    }
}

/// Writing a file that must not be there yet.
enum NewFile {
    static func exists(_ path: String) -> UserError {
        UserError("'\(path)' exists already and is not overwritten: name another output.")
    }

    /// All of it or nothing: a temporary file beside the target, then a link that fails where the name is taken.
    static func write(_ data: Data, to path: String, mode: mode_t = 0o644) throws {
        guard !FileManager.default.fileExists(atPath: path) else { throw exists(path) }
        let folder = (path as NSString).deletingLastPathComponent
        let temporary = (folder as NSString).appendingPathComponent(".fixative-\(UUID().uuidString).tmp")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw UserError(
                "'\(folder.isEmpty ? "." : folder)' cannot be written to: \(String(cString: strerror(errno))).")
        }
        defer { unlink(temporary) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: data)
            try handle.synchronize()
            try handle.close()
        } catch {
            throw UserError("'\(path)' could not be written: is the disk full? Nothing was left behind.")
        }
        guard link(temporary, path) == 0 else {
            if errno == EEXIST { throw exists(path) }
            // Some file systems have no hard links: create the name itself, which fails where it is taken.
            try copyExclusively(data, to: path, mode)
            return
        }
    }

    private static func copyExclusively(_ data: Data, to path: String, _ mode: mode_t) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw errno == EEXIST
                ? exists(path) : UserError("'\(path)' could not be written: \(String(cString: strerror(errno))).")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: data)
            try handle.close()
        } catch {
            unlink(path)
            throw UserError("'\(path)' could not be written: is the disk full? Nothing was left behind.")
        }
    }
}

/// Work on several files at once.
enum Batch {
    /// Calls `body` with 0..<count, at most `jobs` at a time (the number of cores where it is nil).
    static func run(_ count: Int, jobs: Int?, _ body: @Sendable (Int) throws -> Void) throws {
        let width = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        guard (1...64).contains(width) else { throw UserError("--jobs is a number from 1 to 64.") }
        let next = Mutex(0)
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: min(width, count)) { _ in
            while true {
                let index = next.withLock { value in
                    defer { value += 1 }
                    return value
                }
                guard index < count, failure.withLock({ $0 == nil }) else { return }
                do { try body(index) } catch { failure.withLock { $0 = $0 ?? error } }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
