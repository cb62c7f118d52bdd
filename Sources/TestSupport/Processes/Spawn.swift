import CTestSupport
import Foundation

/// Starting a program without a shell: `posix_spawn` with only the descriptors that it is meant to have.
enum Spawn {
    /// What the child sees as its descriptors 0, 1 and 2.
    enum Streams {
        case descriptors(input: Int32, output: Int32, errors: Int32)
        /// The terminal becomes the controlling one of a new session.
        case terminal(path: String)
    }

    /// Throws `POSIXError`.
    static func start(
        _ program: URL, _ arguments: [String], environment: [String: String], directory: URL?, streams: Streams
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }

        // Defaults, whatever the test runner ignores or blocks.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK

        if let directory { _ = fixative_test_add_directory(&actions, directory.path) }
        switch streams {
        case .descriptors(let input, let output, let errors):
            posix_spawn_file_actions_adddup2(&actions, input, 0)
            posix_spawn_file_actions_adddup2(&actions, output, 1)
            posix_spawn_file_actions_adddup2(&actions, errors, 2)
        case .terminal(let path):
            // A session leader without a terminal that opens one gets it as its controlling terminal.
            flags |= Int32(fixative_test_session_flag())
            posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let words = ([program.path] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var pid = pid_t()
        let code = posix_spawn(&pid, program.path, &actions, &attributes, words, variables)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
        return pid
    }

    /// A pipe whose ends no other child inherits.
    static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard fixative_test_pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return (ends[0], ends[1])
    }
}
