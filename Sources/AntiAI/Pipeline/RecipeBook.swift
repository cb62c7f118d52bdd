import Core
import Foundation

/// The recipes that can be asked for by name: the built-in ones and the artist's own.
public struct RecipeBook: Sendable {
    /// Weakest first. The targets are SSIMULACRA2 at native size; 90 is visually lossless.
    public static let builtIn: [Recipe] = [
        Recipe(name: "mark", methods: [.watermark, .rights], visibilityTarget: 88, noiseShare: 0),
        Recipe(
            name: "subtle", methods: [.watermark, .cloak, .noise, .rights], visibilityTarget: 85, noiseShare: 0.05,
            cloakShare: 0.15, cloakSteps: 10),
        Recipe(
            name: "standard", methods: [.watermark, .cloak, .noise, .rights], visibilityTarget: 72, noiseShare: 0.15,
            cloakShare: 0.5, cloakSteps: 26),
        Recipe(
            name: "strong", methods: [.watermark, .cloak, .noise, .rights], visibilityTarget: 55, noiseShare: 0.15,
            cloakShare: 0.65, cloakSteps: 40),
    ]

    public static let defaultName = "subtle"

    /// Weakest first.
    public let recipes: [Recipe]
    /// What is wrong with files in the artist's directory, for `fixative doctor`.
    public let errors: [UserError]

    /// - Parameter directory: the artist's own recipes, `$XDG_CONFIG_HOME/fixative/recipes`; they may not take the
    ///   name of a built-in one.
    public init(directory: URL? = nil) {
        let own: (recipes: [Recipe], errors: [UserError]) = directory.map(RecipeFile.loadAll(in:)) ?? ([], [])
        var recipes = Self.builtIn
        var errors = own.errors
        for recipe in own.recipes {
            if recipes.contains(where: { $0.name == recipe.name }) {
                errors.append(UserError("There are two recipes named \(recipe.name): give yours another name."))
            } else {
                recipes.append(recipe)
            }
        }
        self.recipes = recipes.sorted { ($0.visibilityTarget, $1.name) > ($1.visibilityTarget, $0.name) }
        self.errors = errors
    }

    /// By name, or by the path of a file in TOML (anything with a slash or that ends in `.toml`).
    public func recipe(_ nameOrPath: String) throws -> Recipe {
        if let recipe = recipes.first(where: { $0.name == nameOrPath }) { return recipe }
        if nameOrPath.contains("/") || nameOrPath.hasSuffix(".toml") {
            return try RecipeFile.load(URL(fileURLWithPath: nameOrPath))
        }
        let names = recipes.map(\.name).joined(separator: ", ")
        throw UserError("There is no recipe of that name: use one of \(names), or the path of a recipe file.")
    }
}
