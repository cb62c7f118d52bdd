/// What can be wrong with a search.
public enum SearchMistake: TextKey {
    case tooLong, closesNothing, orAlone, emptyGroup, doubleMinus, tooDeep, notClosed, quoteOpen, wordMissing
    case valueMissing, hasUnknown, isUnknown, noDate

    public var phrase: Phrase {
        switch self {
        case .tooLong: Phrase("The search is longer than {0} characters: shorten it.", "搜索超过 {0} 个字符，请缩短。")
        case .closesNothing:
            Phrase("This ')' closes nothing: remove it, or open it with '('.", "这个“)”没有对应的“(”：请删除，或补上“(”。")
        case .orAlone: Phrase("OR needs something on both sides.", "OR 两边都要有内容。")
        case .emptyGroup:
            Phrase(
                "There is nothing between these parentheses: put a word in, or remove them.", "括号里是空的：请填入词语，或删除括号。")
        case .doubleMinus: Phrase("One '-' is enough to exclude something.", "排除只需要一个“-”。")
        case .tooDeep:
            Phrase("Parentheses are nested deeper than {0}: simplify the search.", "括号嵌套超过 {0} 层，请简化搜索。")
        case .notClosed: Phrase("This '(' is not closed: add ')'.", "这个“(”没有闭合：请补上“)”。")
        case .quoteOpen:
            Phrase("This quotation mark is not closed: add '\"' at the end of the phrase.", "引号没有闭合：请在短语末尾补上“\"”。")
        case .wordMissing: Phrase("A word is missing here.", "这里缺少词语。")
        case .valueMissing: Phrase("'{0}:' needs a value right after the colon.", "“{0}:”的冒号后要紧跟内容。")
        case .hasUnknown: Phrase("'has:' knows only has:alt.", "“has:”只有 has:alt 一种用法。")
        case .isUnknown: Phrase("There is no 'is:{0}'; there are {1}.", "没有“is:{0}”，可用的有 {1}。")
        case .noDate: Phrase("'{0}' is not a date: write it like 2026-01-31.", "“{0}”不是日期：请写成 2026-01-31 的样子。")
        }
    }
}

/// A mistake in a search, with the place where it is.
public struct SearchSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    public var mistake: SearchMistake
    /// What fills the places of the mistake's phrase.
    public var arguments: [String]
    /// Characters before the mistake.
    public var offset: Int
    public var query: String

    public func message(in language: Language) -> String { language.fill(mistake.phrase[language], arguments) }

    /// The query, a caret under the place, and the message.
    public var description: String {
        "\(query)\n\(String(repeating: " ", count: offset))^\n\(message(in: .english))"
    }
}
