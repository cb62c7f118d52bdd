import Core
import Terminal

/// One command: the single definition behind the keymap, the help, the hint bar, the `:` line and the key sheets.
package struct Command {
    package let id: CommandID
    /// What it does, for help: a sentence without a full stop.
    package let title: Phrase
    /// One word for the hint bar; nil keeps it out.
    package let hint: Phrase?
    /// The first is the one that help and hints show.
    package let keys: [Key]
    package let contexts: Set<CommandContext>

    init(
        _ id: CommandID, _ keys: [Key], _ contexts: Set<CommandContext>, _ title: Phrase, hint: Phrase? = nil
    ) {
        self.id = id
        self.title = title
        self.hint = hint
        self.keys = keys
        self.contexts = contexts
    }

    /// The name on the `:` line.
    package var name: String { id.rawValue }

    /// The keys that work there: text fields take what can be typed.
    package func keys(in context: CommandContext) -> [Key] {
        context == .form ? keys.filter { !$0.isText } : keys
    }

    func isOnCommandLine(in context: CommandContext) -> Bool {
        CommandID.commandLine.command.contexts.contains(context)
    }
}

extension Key {
    /// Whether a text field takes it.
    var isText: Bool {
        guard case .character = code else { return false }
        return modifiers.subtracting(.shift).isEmpty
    }
}

/// Whether a command can be done now, and if not, why.
enum Availability: Equatable {
    case enabled
    case disabled(String)
    /// Not part of this screen at all.
    case absent
}

extension CommandID {
    package static let commands: [Command] = allCases.map(\.command)

    /// The commands that work in a context, in the table's order.
    package static func commands(in context: CommandContext) -> [Command] {
        commands.filter { $0.contexts.contains(context) }
    }

    /// The command that a key means in a context.
    package static func command(for key: Key, in context: CommandContext) -> Command? {
        keymaps[context]?[key]
    }

    private static let keymaps: [CommandContext: [Key: Command]] = {
        var maps: [CommandContext: [Key: Command]] = [:]
        for command in commands {
            for context in command.contexts {
                for key in command.keys(in: context) { maps[context, default: [:]][key] = command }
            }
        }
        return maps
    }()
}
