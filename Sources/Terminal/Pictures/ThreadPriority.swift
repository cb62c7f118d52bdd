import Foundation

/// How much of a busy machine a thread asks for.
enum ThreadPriority {
    /// Work in the background that must not delay the answer to a key; the scheduler still gives it what is idle.
    ///
    /// On Linux a "nice" value belongs to a thread, and Dispatch does not turn its classes of service into one.
    static func yieldToOthers() {
        #if os(Linux)
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        #endif
    }
}
