import Glibc

/// CPU time of the calling thread.
enum CPUTime {
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Adds the CPU seconds of the work to a sum.
    static func measure<T>(_ total: inout Double, _ work: () throws -> T) rethrows -> T {
        let start = now()
        defer { total += now() - start }
        return try work()
    }
}
