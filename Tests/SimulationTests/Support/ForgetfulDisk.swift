import Foundation

/// A disk that says that it has written what it has not: after a crash the vault is as it was one commit before.
enum ForgetfulDisk {
    /// Called when the journal is about to be emptied: the vault's file has the new state by now.
    static func remember(_ journal: String) {
        let vault = String(journal.dropLast("-journal".count))
        try? FileManager.default.removeItem(atPath: vault + ".older")
        try? FileManager.default.moveItem(atPath: vault + ".newest", toPath: vault + ".older")
        try? FileManager.default.copyItem(atPath: vault, toPath: vault + ".newest")
    }

    static func forget(under folder: URL) {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        for case let older as URL in files! where older.lastPathComponent == "vault.db.older" {
            let vault = older.deletingPathExtension()
            for path in [vault.path, vault.path + "-journal", vault.path + ".newest"] {
                try? FileManager.default.removeItem(atPath: path)
            }
            try? FileManager.default.moveItem(at: older, to: vault)
        }
    }
}
