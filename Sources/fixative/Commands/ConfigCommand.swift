import ArgumentParser
import Core
import Foundation

/// `fixative config`
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show and change settings.",
        subcommands: [List.self, Get.self, Set.self, Path.self], defaultSubcommand: List.self)

    private static func file() -> URL {
        Workshop.configFile(Directories(environment: ProcessInfo.processInfo.environment))
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List every setting with its value.")
        @Flag(help: "Print one JSON object.") var json = false

        func run() throws {
            let preferences = try Preferences(contentsOf: ConfigCommand.file())
            if json {
                let pairs = Preferences.settings.map { ($0.key, preferences[$0.key]) }
                try Console.json(Dictionary(uniqueKeysWithValues: pairs))
                return
            }
            for setting in Preferences.settings {
                Console.out("\(setting.key) = \(Sanitiser.line(preferences[setting.key]))\n    \(setting.help)")
            }
        }
    }

    struct Get: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print one setting.")
        @Argument(help: "Name of the setting.") var key: String

        func run() throws {
            var preferences = try Preferences(contentsOf: ConfigCommand.file())
            guard Preferences.settings.contains(where: { $0.key == key }) else {
                try preferences.set(key, "")
                return
            }
            Console.out(preferences[key])
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change one setting; the rest of the file stays.")
        @Argument(help: "Name of the setting.") var key: String
        @Argument(help: "New value.") var value: String

        func run() throws { try Preferences.write(key, value, to: ConfigCommand.file()) }
    }

    struct Path: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print where the settings are.")
        func run() throws { Console.out(ConfigCommand.file().path) }
    }
}
