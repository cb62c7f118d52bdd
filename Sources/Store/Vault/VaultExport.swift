import Core
import Foundation
import GRDB

extension Vault {
    /// Copies what is the artist's out of the vault: each protected file as `protected/CLIENT-ID.ext`, each original
    /// that still waits as `originals/CLIENT-ID`. Nothing that is there is overwritten.
    ///
    /// - Returns: how many files were copied.
    public func export(to directory: URL) throws -> Int {
        let records = try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM items ORDER BY client_id").map { try ItemRecord($0) }
        }
        let formats = try read { db in
            try Row.fetchAll(db, sql: "SELECT id, format FROM blobs").reduce(into: [String: String]()) { known, row in
                known[row["id"]] = row["format"]
            }
        }
        var count = 0
        func copy(_ source: URL, into folder: String, as name: String) throws {
            guard FileManager.default.fileExists(atPath: source.path) else { return }
            let target = directory.appendingPathComponent(folder, isDirectory: true)
            try PrivateFiles.makeDirectory(target)
            let file = target.appendingPathComponent(name)
            try FileManager.default.copyItem(at: source, to: file)
            try PrivateFiles.tighten(file)
            count += 1
        }
        for record in records {
            let item = record.item
            if let blob = item.blob?.description, let format = formats[blob].flatMap(ImageFormat.init(rawValue:)) {
                try copy(blobs.url(blob), into: "protected", as: "\(item.id).\(format.fileExtension)")
            }
            try copy(originals.url(item.originalSHA256), into: "originals", as: "\(item.id)")
        }
        return count
    }
}
