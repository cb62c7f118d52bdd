import Glibc

/// Runs the body so that writing to a connection that the other side closed is an error, not a signal.
///
/// OpenSSL writes without `MSG_NOSIGNAL`. The signal goes to the thread that wrote, so that it is enough to block it
/// there and to take it away afterwards; the rest of the program keeps its own disposition.
func withoutBrokenPipeSignal<Result>(_ body: () throws -> Result) rethrows -> Result {
    var pipe = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    let wasPending = isBrokenPipePending()
    defer {
        if !wasPending, isBrokenPipePending() {
            var now = timespec()
            sigtimedwait(&pipe, nil, &now)
        }
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    return try body()
}

private func isBrokenPipePending() -> Bool {
    var pending = sigset_t()
    sigpending(&pending)
    return sigismember(&pending, SIGPIPE) == 1
}
