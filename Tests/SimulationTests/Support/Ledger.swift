import Core

/// What the artists did and the programs acknowledged: what a schedule is judged by.
struct Ledger {
    struct Piece {
        var item: ClientID
        var machine: SimulatedMachine
        var person: SimulatedPerson
        /// Words that have to be in the text: of the title, and of each edit in the queue.
        var words: [String]
        var isCancelled = false
    }

    struct Edit {
        var statusID: String
        var machine: SimulatedMachine
        var person: SimulatedPerson
        var word: String
    }

    var pieces: [Piece] = []
    var edits: [Edit] = []
    /// Statuses that somebody asked to be deleted.
    var deletions: Set<String> = []
}
