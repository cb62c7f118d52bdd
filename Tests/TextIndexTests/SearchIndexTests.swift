import Core
import Foundation
import GRDB
import Testing
import TextIndex

/// The smallest schema that a search can run over.
private struct Notes: SearchSchema {
    func text(matching expression: String) -> SQL {
        SQL("note.id IN (SELECT rowid FROM noteText WHERE noteText MATCH \(expression))")
    }
    func tag(_ name: String) -> SQL { SQL("note.tag = \(name)") }
    func by(_ acct: String) -> SQL { "0" }
    func since(_ date: Date) -> SQL { SQL("note.at >= \(date.timeIntervalSince1970)") }
    func before(_ date: Date) -> SQL { SQL("note.at < \(date.timeIntervalSince1970)") }
    func flag(_ flag: SearchQuery.Flag) -> SQL { "0" }
    func hasAlt() -> SQL { "0" }
    func license(_ license: String) -> SQL { "0" }
}

@Suite struct SearchIndexTests {
    private let queue: DatabaseQueue

    init() throws {
        var configuration = Configuration()
        configuration.prepareForTextIndex()
        queue = try DatabaseQueue(configuration: configuration)
        try queue.write { db in
            try db.execute(sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT, tag TEXT, at REAL)")
            try db.execute(sql: "CREATE VIRTUAL TABLE noteText USING fts5(body, tokenize = 'fixative')")
            let notes = ["水彩の花", "watercolour fox", "The red fox", "fox, red as rust", "Café 水", "!!!"]
            for (index, body) in notes.enumerated() {
                let day = Double(index) * 86_400
                try db.execute(
                    sql: "INSERT INTO note VALUES (?, ?, ?, ?)", arguments: [index, body, index < 2 ? "a" : "b", day])
                try db.execute(sql: "INSERT INTO noteText (rowid, body) VALUES (?, ?)", arguments: [index, body])
            }
        }
    }

    @Test(arguments: [
        ("水", [0, 4]), ("水彩", [0]), ("彩", [0]), ("花", [0]), ("彩水", []),
        ("water*", [1]), ("water", []), ("fox", [1, 2, 3]), ("\"red fox\"", [2]), ("red fox", [2, 3]),
        ("cafe", [4]), ("CAFÉ", [4]), ("fox -red", [1]), ("rust OR 花", [0, 3]), ("fox !!!", [1, 2, 3]), ("!!!", []),
        ("tag:a fox", [1]), ("-tag:a fox", [2, 3]), ("(水 OR fox) tag:a", [0, 1]), ("since:1970-01-05", [4, 5]),
        ("until:1970-01-02", [0, 1]), ("", [0, 1, 2, 3, 4, 5]), ("fox\" OR \"x", []), ("fox AND red", []),
    ])
    func finds(query: String, expected: [Int]) throws {
        guard let parsed = try? SearchParser.parse(query) else {
            #expect(expected.isEmpty)
            return
        }
        let found = try queue.read { db in
            let condition = SearchCompiler(Notes()).condition(parsed)
            let request: SQLRequest<Int> = "SELECT id FROM note WHERE \(condition) ORDER BY id"
            return try request.fetchAll(db)
        }
        #expect(found == expected)
    }
}
