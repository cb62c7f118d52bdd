import Core
import Foundation
import Testing

struct RecipeFileTests {
    @Test func readsARecipe() throws {
        let text = """
            name = "poster"
            version = 3
            methods = ["watermark", "noise"]
            visibility = 80
            noise-share = 0.4
            """
        let recipe = try RecipeFile.parse(text, fileName: "x.toml")
        #expect(
            recipe
                == Recipe(
                    name: "poster", version: 3, methods: [.watermark, .noise], visibilityTarget: 80, noiseShare: 0.4))
    }

    @Test func takesItsNameFromTheFile() throws {
        let recipe = try RecipeFile.parse("methods = []\nvisibility = 90.5", fileName: "mine.toml")
        #expect(recipe.name == "mine")
        #expect(recipe.methods.isEmpty)
        #expect(recipe.visibilityTarget == 90.5)
    }

    @Test(arguments: [
        "methods = [", "visibility = 80", "methods = [\"watermark\"]", "methods = [\"glaze\"]\nvisibility = 80",
        "methods = []\nvisibility = 101", "methods = []\nvisibility = \"80\"",
        "methods = []\nvisibility = 80\nname = \"Up/../per\"", "methods = []\nvisibility = 80\nnoiseshare = 1",
        "methods = []\nvisibility = 80\nversion = 0", "methods = []\nvisibility = 80\nnoise-share = 2",
    ])
    func refusesWhatItDoesNotUnderstand(_ text: String) {
        #expect(throws: UserError.self) { try RecipeFile.parse(text, fileName: "x.toml") }
    }

    @Test func aDirectoryGivesGoodRecipesAndTellsOfBadOnes() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("methods = []\nvisibility = 70".utf8).write(to: folder.appendingPathComponent("good.toml"))
        try Data("methods = 3".utf8).write(to: folder.appendingPathComponent("bad.toml"))
        try Data(count: 100_000).write(to: folder.appendingPathComponent("large.toml"))
        let result = RecipeFile.loadAll(in: folder)
        #expect(result.recipes.map(\.name) == ["good"])
        #expect(result.errors.count == 2)
        #expect(RecipeFile.loadAll(in: folder.appendingPathComponent("none")).recipes.isEmpty)
    }
}
