import Core

/// The tables of keys for the documentation, made from the commands themselves.
public enum KeySheet {
    /// Markdown, one table a context.
    public static func markdown(_ language: Language) -> String {
        CommandContext.allCases.map { context in
            let rows = CommandID.commands(in: context).map { command in
                let keys = command.keys(in: context).map { "`\($0.name)`" }.joined(separator: " ")
                let name = command.isOnCommandLine(in: context) ? "`:\(command.name)`" : ""
                return "| \(keys) | \(name) | \(command.title[language]) |"
            }
            let head = language.text(ChromeText.keySheetHead)
            return "## \(language.text(context.text))\n\n\(head)\n|---|---|---|\n\(rows.joined(separator: "\n"))\n"
        }.joined(separator: "\n")
    }

    /// A section for a manual page (man(7) macros).
    public static func manual(_ language: Language) -> String {
        var lines = [".SH \(language.text(ChromeText.keys).uppercased())"]
        for context in CommandContext.allCases {
            lines.append(".SS \(language.text(context.text))")
            for command in CommandID.commands(in: context) {
                let keys = command.keys(in: context).map(\.name).joined(separator: ", ")
                lines += [".TP", ".B \(keys.replacing("\\", with: "\\e").replacing("-", with: "\\-"))"]
                lines.append(command.title[language].replacing("\\", with: "\\e"))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
