import Core

/// What can happen to one request.
enum NetworkFault: String, CaseIterable, Sendable {
    case lostRequest, lostAnswer
    /// Delivered twice; the second answer comes back.
    case twice
    /// Given up by the client and delivered later: before its next request, after it, or when everything is over.
    case lateBeforeNext, lateAfterNext, lateAtTheEnd
    /// The server is killed before it sees the request, or after it has answered.
    case restartBefore, restartAfter
    /// The client is killed before it sends, or after the server has answered.
    case crashBefore, crashAfter

    /// What is worth distinguishing: a request that changes nothing on the server is the same lost, late and doubled.
    static func kinds(of request: HTTPRequest) -> [NetworkFault] {
        request.method == "GET" ? [.lostAnswer, .restartBefore, .crashAfter] : allCases
    }
}

/// Decides what goes wrong in a simulation, and so makes it the run that it is.
protocol Chooser: AnyObject {
    /// What happens to this request; nil is nothing bad.
    func fault(for request: HTTPRequest) -> NetworkFault?
    /// Whether the machine dies before this change of its disk.
    func crashes(before change: SimulatedDisk.Change) -> Bool
    /// Called while a request of this process is under way: others may act now.
    func meanwhile(_ process: SimulatedProcess)
}

/// Nothing goes wrong.
final class FairWeather: Chooser {
    func fault(for request: HTTPRequest) -> NetworkFault? { nil }
    func crashes(before change: SimulatedDisk.Change) -> Bool { false }
    func meanwhile(_ process: SimulatedProcess) {}
}
