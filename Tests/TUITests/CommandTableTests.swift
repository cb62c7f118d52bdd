import Core
import TUI
import Terminal
import Testing

@Suite struct CommandTableTests {
    @Test(arguments: CommandContext.allCases)
    func keyMeansOneCommandInAContext(_ context: CommandContext) {
        var seen: [Key: CommandID] = [:]
        for command in CommandID.commands(in: context) {
            for key in command.keys(in: context) {
                #expect(seen[key] == nil, "\(key.name) is \(command.id) and \(seen[key]!) in \(context)")
                seen[key] = command.id
            }
        }
    }

    @Test func everyCommandHasHelpInBothLanguagesAndAKeySomewhere() {
        for command in CommandID.commands {
            for language in Language.allCases { #expect(!command.title[language].isEmpty, "\(command.id)") }
            #expect(command.title.english != command.title.simplifiedChinese, "\(command.id) is not translated")
            #expect(!command.contexts.isEmpty)
            for context in command.contexts {
                #expect(!command.keys(in: context).isEmpty, "\(command.id) in \(context)")
            }
        }
    }

    @Test(arguments: CommandContext.allCases)
    func helpHasAKeyEverywhere(_ context: CommandContext) {
        #expect(CommandID.command(for: Key(.function(1)), in: context)?.id == .help)
    }

    @Test func formsLeaveLettersToTheFields() {
        for command in CommandID.commands(in: .form) {
            for key in command.keys(in: .form) {
                if case .character = key.code { #expect(key.modifiers.contains(.control), "\(command.id)") }
            }
        }
    }

    @Test(arguments: Language.allCases)
    func keySheetNamesEveryCommand(_ language: Language) {
        let sheet = KeySheet.markdown(language)
        let manual = KeySheet.manual(language)
        for command in CommandID.commands {
            #expect(sheet.contains(command.title[language]))
            #expect(manual.contains(command.title[language].replacing("\\", with: "\\e")))
        }
    }
}
