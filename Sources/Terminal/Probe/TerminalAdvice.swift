/// What the environment says about the terminal, and what a person could change; for `fixative doctor`.
public struct TerminalAdvice: Hashable, Sendable {
    /// One line on what was found.
    public var finding: String
    /// What to change, a line each; empty when nothing needs a hand.
    public var advice: [String]

    /// - Parameter ttyColumns: columns of the terminal; nil where there is none.
    public init(environment: [String: String], ttyColumns: Int?) {
        let term = environment["TERM"] ?? ""
        let truecolor = ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "")
        let isTmux = environment["TMUX"]?.isEmpty == false
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        var words = [
            "TERM=\(term.isEmpty ? "(not set)" : term)", truecolor ? "true colour" : "true colour not announced",
        ]
        if isTmux { words.append("inside tmux") }
        if environment["NO_COLOR"]?.isEmpty == false { words.append("NO_COLOR is set") }
        words.append(ttyColumns.map { "\($0) columns" } ?? "no terminal here")
        finding = words.joined(separator: ", ")
        advice = []
        if term.isEmpty || term == "dumb" {
            advice.append("Set TERM to what your terminal is, such as xterm-256color.")
        }
        if isTmux, !truecolor {
            advice.append("For true colour in tmux add to ~/.tmux.conf: set -as terminal-features ',*:RGB'")
        }
        if isTmux { advice.append("For kitty's graphics in tmux add to ~/.tmux.conf: set -g allow-passthrough on") }
        let isUTF8 = locale.lowercased().contains("utf-8") || locale.lowercased().contains("utf8")
        if !locale.isEmpty, !isUTF8 { advice.append("The locale \(locale) is not UTF-8: set LANG=C.UTF-8.") }
        if let ttyColumns, ttyColumns < 40 { advice.append("Make the terminal at least 40 columns wide.") }
    }
}
