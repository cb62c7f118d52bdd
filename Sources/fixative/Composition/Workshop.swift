import AntiAI
import Core
import Foundation
import Store
import Sync
import Transport

/// Where the parts are put together: the one place that knows every module.
struct Workshop {
    let directories: Directories
    let preferences: Preferences
    let store: LocalStore
    let http: any HTTPClient
    let protector: Protector

    init() throws {
        directories = Directories(environment: ProcessInfo.processInfo.environment)
        preferences = try Preferences(contentsOf: Self.configFile(directories))
        store = LocalStore(directories, mediaLimit: Int64(preferences.number("cache_limit_mb")) << 20)
        http = CurlClient(userAgent: "fixative/\(Version.text)")
        protector = Protector(recipeDirectory: directories.config.appendingPathComponent("recipes"))
    }

    static func configFile(_ directories: Directories) -> URL {
        directories.config.appendingPathComponent("config.toml")
    }

    /// The account that commands work for. Throws where nobody is logged in.
    func signedIn() throws -> SignedInAccount {
        guard let account = try store.currentAccount() else {
            throw UserError(
                "Nobody is logged in: run 'fixative login URL', or 'fixative' for the first steps.", .attention)
        }
        return account
    }

    /// Reads a file of the artist's; never changes it.
    static func read(_ path: String) throws -> Data {
        let url = URL(fileURLWithPath: path)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw UserError("There is no file '\(path)': check the name.")
        }
        if isDirectory.boolValue { throw UserError("'\(path)' is a directory: name the image files in it.") }
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue ?? 0
        guard size <= 256 << 20 else {
            throw UserError("'\(path)' is larger than 256 MiB, the most that is read: export it smaller.")
        }
        do { return try Data(contentsOf: url) } catch {
            throw UserError("'\(path)' cannot be read: check its permissions.")
        }
    }
}
