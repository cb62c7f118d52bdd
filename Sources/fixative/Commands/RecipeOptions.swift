import AntiAI
import ArgumentParser
import Core
import Foundation

/// `--recipe` and `--methods`, shared by the commands that protect.
struct RecipeOptions: ParsableArguments {
    @Option(help: "mark, subtle, standard, strong, one of your own, or a recipe file (TOML).") var recipe: String?
    @Option(help: "Methods, separated by commas: watermark, cloak, noise, rights; 'none' for none of them.")
    var methods: String?

    /// The name of the recipe, after a look that it exists.
    func name(_ workshop: Workshop) throws -> String {
        let name = recipe ?? workshop.preferences["recipe"]
        _ = try workshop.recipes.recipe(name)
        return name
    }

    func methodSet() throws -> Set<ProtectionMethod>? {
        guard let methods else { return nil }
        if methods == "none" { return [] }
        return Set(
            try methods.split(separator: ",", omittingEmptySubsequences: false).map { word in
                guard let method = ProtectionMethod(rawValue: word.trimmingCharacters(in: .whitespaces)) else {
                    throw UserError(
                        "There is no method '\(word)': there are watermark, cloak, noise and rights, or none.")
                }
                return method
            })
    }
}

/// Arguments that several commands read in the same way.
enum Arguments {
    static func payload(_ text: String) throws -> MarkID {
        guard let payload = MarkID(text) else {
            throw UserError("'\(text)' is no payload: give exactly 16 hex digits.")
        }
        return payload
    }

    static func format(_ text: String?) throws -> ImageFormat? {
        guard let text else { return nil }
        guard let format = ImageFormat(rawValue: text == "jpg" ? "jpeg" : text) else {
            throw UserError("There is no format '\(text)': choose png, jpeg or webp.")
        }
        return format
    }

    static func quality(_ value: Int?) throws -> Int? {
        guard let value else { return nil }
        guard (1...100).contains(value) else { throw UserError("--quality is a number from 1 to 100.") }
        return value
    }

    static func limit(_ value: Int) throws -> Int {
        guard (1...10_000).contains(value) else { throw UserError("--limit is a number from 1 to 10000.") }
        return value
    }

    static func itemID(_ text: String) throws -> ClientID {
        guard let id = ClientID(text) else {
            throw UserError("'\(text)' is no id of the queue: 'fixative queue' shows them.")
        }
        return id
    }

    static func visibility(_ text: String?) throws -> Visibility? {
        guard let text else { return nil }
        guard let visibility = Visibility(rawValue: text) else {
            throw UserError("There is no visibility '\(text)': choose public, unlisted, private or direct.")
        }
        return visibility
    }
}
