import Core

/// What the artists did and the programs acknowledged: what a schedule is judged by.
struct Ledger {
    struct Piece {
        var item: ClientID
        var machine: SimulatedMachine
        var person: SimulatedPerson
        /// Words that have to be in the text: of the title, and of each edit in the queue.
        var words: [String]
        /// Somebody asked for it to be cancelled; the program may have died before it could say so.
        var wantsCancelling = false
        /// The program said that it is cancelled, or will be.
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
    /// Statuses that somebody asked to be deleted: the wish is in the queue, or died with the program.
    var deletionWishes: Set<String> = []
    /// Those of them where the program said that it will.
    var deletions: Set<String> = []
}
