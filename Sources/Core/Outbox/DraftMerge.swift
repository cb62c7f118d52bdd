/// What an edit of a published piece may change, and what a conflict may be about.
public enum DraftField: String, Sendable, Codable, CaseIterable {
    case title, caption, altText, tags, sensitive, spoilerText, license

    /// The field's value as text, for showing side by side.
    public func text(of draft: Draft) -> String {
        switch self {
        case .title: draft.title
        case .caption: draft.caption
        case .altText: draft.altText
        case .tags: draft.tags.map { "#\($0)" }.joined(separator: " ")
        case .sensitive: draft.sensitive ? "yes" : "no"
        case .spoilerText: draft.spoilerText
        case .license: draft.license ?? ""
        }
    }

    /// Takes the field from one draft into another.
    public func copy(from source: Draft, to target: inout Draft) {
        switch self {
        case .title: target.title = source.title
        case .caption: target.caption = source.caption
        case .altText: target.altText = source.altText
        case .tags: target.tags = source.tags
        case .sensitive: target.sensitive = source.sensitive
        case .spoilerText: target.spoilerText = source.spoilerText
        case .license: target.license = source.license
        }
    }

    /// Whether two drafts say the same here. Tags are a set without case; text is compared by its words, because
    /// servers set spaces and empty lines their own way.
    public func isSame(_ one: Draft, _ other: Draft) -> Bool {
        switch self {
        case .tags: return Self.names(one) == Self.names(other)
        // Servers hide the picture wherever there is a warning.
        case .sensitive: return Self.isHidden(one) == Self.isHidden(other)
        default: break
        }
        return text(of: one).split(whereSeparator: \.isWhitespace)
            == text(of: other).split(whereSeparator: \.isWhitespace)
    }

    private static func isHidden(_ draft: Draft) -> Bool { draft.sensitive || !draft.spoilerText.isEmpty }

    private static func names(_ draft: Draft) -> Set<String> { Set(draft.tags.map { $0.lowercased() }) }
}

/// One edit that met another: all three versions, so that nobody's words are lost.
public struct EditConflict: Hashable, Sendable, Codable {
    /// What the artist saw when editing.
    public var base: Draft
    public var mine: Draft
    /// What the server has now.
    public var theirs: Draft

    public init(base: Draft, mine: Draft, theirs: Draft) {
        self.base = base
        self.mine = mine
        self.theirs = theirs
    }

    /// Both sides changed these, differently.
    public var fields: [DraftField] { DraftMerge.merge(base: base, mine: mine, theirs: theirs).conflicts }

    /// Everything that does not conflict merged, and the fields in dispute as one side has them.
    public func resolved(mine keepsMine: Set<DraftField>) -> Draft {
        let result = DraftMerge.merge(base: base, mine: mine, theirs: theirs)
        var draft = result.merged
        for field in result.conflicts { field.copy(from: keepsMine.contains(field) ? mine : theirs, to: &draft) }
        return draft
    }
}

/// Three-way merge, field by field: what only one side changed is taken from it; tags are added and removed one by one;
/// captions are merged by lines. What both changed differently is a conflict, never a silent choice.
public enum DraftMerge {
    public struct Result: Hashable, Sendable {
        /// Fields in conflict are as in `mine`.
        public var merged: Draft
        public var conflicts: [DraftField]
    }

    public static func merge(base: Draft, mine: Draft, theirs: Draft) -> Result {
        var result = Result(merged: mine, conflicts: [])
        for field in DraftField.allCases where !field.isSame(mine, theirs) {
            if field.isSame(base, theirs) { continue }
            if field.isSame(base, mine) {
                field.copy(from: theirs, to: &result.merged)
            } else if field == .tags {
                result.merged.tags = tags(base: base.tags, mine: mine.tags, theirs: theirs.tags)
            } else if field == .caption,
                let lines = LineMerge.merge(base: base.caption, mine: mine.caption, theirs: theirs.caption)
            {
                result.merged.caption = lines
            } else {
                result.conflicts.append(field)
            }
        }
        return result
    }

    private static func tags(base: [String], mine: [String], theirs: [String]) -> [String] {
        func has(_ list: [String], _ tag: String) -> Bool { list.contains { $0.lowercased() == tag.lowercased() } }
        let kept = theirs.filter { has(mine, $0) || !has(base, $0) }
        return kept + mine.filter { !has(base, $0) && !has(kept, $0) }
    }
}

/// Merges two versions of a text by lines (diff3).
public enum LineMerge {
    /// Nil where both changed the same place differently.
    public static func merge(base: String, mine: String, theirs: String) -> String? {
        func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        let (old, left, right) = (lines(base), lines(mine), lines(theirs))
        let inLeft = matches(old, left)
        let inRight = matches(old, right)
        var merged: [Substring] = []
        var (b, l, r) = (0, 0, 0)
        while true {
            // The next line that all three have ends the stretch in which they differ.
            var next = b
            while next < old.count, inLeft[next] == nil || inRight[next] == nil { next += 1 }
            let (leftEnd, rightEnd) = next < old.count ? (inLeft[next]!, inRight[next]!) : (left.count, right.count)
            let (was, one, other) = (old[b..<next], left[l..<leftEnd], right[r..<rightEnd])
            if one.elementsEqual(other) || other.elementsEqual(was) {
                merged += one
            } else if one.elementsEqual(was) {
                merged += other
            } else {
                return nil
            }
            guard next < old.count else { return merged.joined(separator: "\n") }
            merged.append(old[next])
            (b, l, r) = (next + 1, leftEnd + 1, rightEnd + 1)
        }
    }

    /// Where each line of the first is in the second, along a longest common subsequence.
    private static func matches(_ first: [Substring], _ second: [Substring]) -> [Int?] {
        let change = second.difference(from: first)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for step in change {
            switch step {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        let kept = second.indices.filter { !inserted.contains($0) }
        var places: [Int?] = []
        var count = 0
        for index in first.indices {
            if removed.contains(index) {
                places.append(nil)
            } else {
                places.append(kept[count])
                count += 1
            }
        }
        return places
    }
}
