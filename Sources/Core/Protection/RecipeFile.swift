import Foundation
import TOMLKit

/// An artist's own recipe as a file in TOML 1.0:
///
///     name = "poster"
///     version = 1
///     methods = ["watermark", "noise", "rights"]
///     visibility = 80
///     noise-share = 0.4
///     cloak-share = 0.5
///     cloak-steps = 20
///     cloak-box = 6
///
/// `methods` and `visibility` must be there; `name` is otherwise the file's, `version` 1, `noise-share` 0.3 and
/// `cloak-share` 0.6; without steps and box (the largest change of a sample, 0…255 scale) the cloak chooses its own.
public enum RecipeFile {
    static let maximumBytes = 64 << 10

    /// Reads a recipe.
    ///
    /// - Parameter fileName: for messages, and for the name where the text gives none.
    /// - Throws: `UserError` with the place or the key that is wrong.
    public static func parse(_ text: String, fileName: String) throws -> Recipe {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let place = "line \(error.source.begin.line), column \(error.source.begin.column)"
            throw UserError("The recipe \(fileName) is not valid TOML at \(place): correct that place.")
        }
        let known: Set = [
            "name", "version", "methods", "visibility", "noise-share", "cloak-share", "cloak-steps", "cloak-box",
        ]
        if let stranger = table.keys.first(where: { !known.contains($0) }) {
            throw UserError("The recipe \(fileName) has the unknown key “\(stranger)”: remove it or correct its name.")
        }
        func wrong(_ key: String, _ needed: String) -> UserError {
            UserError("The recipe \(fileName) needs \(key) to be \(needed).")
        }
        let fallback = (fileName as NSString).lastPathComponent.replacingOccurrences(of: ".toml", with: "")
        guard let name = table["name"].map(\.string) ?? fallback, isName(name) else {
            throw wrong("name", "1 to 40 lower-case letters, digits and hyphens")
        }
        guard let version = table["version"].map(\.int) ?? 1, version > 0 else {
            throw wrong("version", "a whole number from 1")
        }
        guard let list = table["methods"]?.array else {
            throw wrong("methods", "a list such as [\"watermark\", \"noise\", \"rights\"]")
        }
        var methods: Set<ProtectionMethod> = []
        for item in list {
            guard let method = item.string.flatMap(ProtectionMethod.init(rawValue:)) else {
                throw wrong("methods", "a list of some of watermark, noise, rights and cloak")
            }
            methods.insert(method)
        }
        guard let visibility = table["visibility"].flatMap(number), (30...97).contains(visibility) else {
            throw wrong("visibility", "a SSIMULACRA2 score from 30 to 97")
        }
        guard let share = table["noise-share"].map(number) ?? 0.3, (0...1).contains(share) else {
            throw wrong("noise-share", "a number from 0 to 1")
        }
        guard let cloak = table["cloak-share"].map(number) ?? 0.6, (0...1).contains(cloak) else {
            throw wrong("cloak-share", "a number from 0 to 1")
        }
        let steps = table["cloak-steps"].map(\.int)
        if let steps, !(steps.map((1...200).contains) ?? false) {
            throw wrong("cloak-steps", "a whole number from 1 to 200")
        }
        let box = table["cloak-box"].map(number)
        if let box, !(box.map((1...16).contains) ?? false) { throw wrong("cloak-box", "a number from 1 to 16") }
        return Recipe(
            name: name, version: version, methods: methods, visibilityTarget: visibility, noiseShare: share,
            cloakShare: cloak, cloakSteps: steps ?? nil, cloakBox: box ?? nil)
    }

    /// Reads a recipe file of at most 64 KiB.
    public static func load(_ file: URL) throws -> Recipe {
        let bytes: Data
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            bytes = try handle.read(upToCount: maximumBytes + 1) ?? Data()
        } catch {
            throw UserError("The recipe \(file.lastPathComponent) cannot be read: check its path and permissions.")
        }
        guard bytes.count <= maximumBytes, let text = String(data: bytes, encoding: .utf8) else {
            throw UserError("The recipe \(file.lastPathComponent) is not a text of at most 64 KiB in UTF-8.")
        }
        return try parse(text, fileName: file.lastPathComponent)
    }

    /// All recipes of a directory, by file name, and what is wrong with the others. A missing directory has none.
    public static func loadAll(in directory: URL) -> (recipes: [Recipe], errors: [UserError]) {
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        var result: (recipes: [Recipe], errors: [UserError]) = ([], [])
        let recipes = files.filter { $0.pathExtension == "toml" }
        for file in recipes.sorted(by: { $0.lastPathComponent < $1.lastPathComponent }).prefix(200) {
            do {
                result.recipes.append(try load(file))
            } catch let error as UserError {
                result.errors.append(error)
            } catch {
                result.errors.append(UserError("The recipe \(file.lastPathComponent) cannot be read."))
            }
        }
        return result
    }

    private static func isName(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
            }
    }

    private static func number(_ value: any TOMLValueConvertible) -> Double? {
        value.double ?? value.int.map(Double.init)
    }
}
