import Core
import Foundation
import GRDB
import Store
import Testing
import TextIndex

@Suite struct CacheMigrationTests {
    @Test func aCacheWithoutAnIndexOfPrefixesKeepsItsStatusesAndFindsThem() throws {
        let fixture = try Fixture()
        do {
            let store = try fixture.open()
            try store.cache.put([status(7, by: fixture.me, text: "Harbour at dawn\n\n水彩", tags: ["ink"])])
        }
        let file = try #require(
            FileManager.default.enumerator(at: fixture.folder, includingPropertiesForKeys: nil)?
                .compactMap { $0 as? URL }.first { $0.lastPathComponent == "cache.db" })
        var configuration = Configuration()
        configuration.prepareForTextIndex()
        try DatabaseQueue(path: file.path, configuration: configuration).write { db in
            try db.execute(
                sql: """
                    DROP TABLE status_text;
                    CREATE VIRTUAL TABLE status_text USING fts5(text, alt, tags, content = '', tokenize = 'fixative');
                    PRAGMA user_version = 1;
                    """)
        }
        let store = try fixture.open()
        for text in ["harbour", "ha*", "h*", "水", "水彩", "tag:ink"] {
            #expect(try store.library.search(SearchParser.parse(text), limit: 9).map(\.status.id) == ["7"], "\(text)")
        }
        // What leaves the index leaves it whole.
        try store.cache.remove("7")
        #expect(try store.library.search(SearchParser.parse("ha*"), limit: 9).isEmpty)
    }
}
