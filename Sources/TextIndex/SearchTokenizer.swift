import Core
import Foundation
import GRDB
import GRDBSQLite

/// `TextTokenizer` as an FTS5 tokenizer (SQLite FTS5 extension, section "Custom Tokenizers").
///
/// Add it to every connection with `Configuration.prepareForTextIndex()` before a table that uses it is touched.
public final class SearchTokenizer: FTS5CustomTokenizer {
    public static let name = "fixative"

    public init(db: Database, arguments: [String]) throws {}

    public func tokenize(
        context: UnsafeMutableRawPointer?, tokenization: FTS5Tokenization, pText: UnsafePointer<CChar>?, nText: CInt,
        tokenCallback: @escaping FTS5TokenCallback
    ) -> CInt {
        guard let pText, nText > 0 else { return SQLITE_OK }
        let bytes = UnsafeRawBufferPointer(start: pText, count: Int(nText))
        for token in TextTokenizer.tokens(of: String(decoding: bytes, as: UTF8.self)) {
            var text = token.text
            let code = text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { characters in
                    tokenCallback(
                        context, 0, characters.baseAddress, CInt(characters.count), CInt(token.start), CInt(token.end))
                }
            }
            if code != SQLITE_OK { return code }
        }
        return SQLITE_OK
    }
}

extension Configuration {
    /// Registers the tokenizer on every connection that is opened with this configuration.
    public mutating func prepareForTextIndex() {
        prepareDatabase { db in db.add(tokenizer: SearchTokenizer.self) }
    }
}
