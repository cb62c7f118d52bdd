import Core
import Testing

@Suite struct DraftMergeTests {
    private let base = Draft(
        title: "Heron", caption: "On the moor.\nIn March.\nInk on paper.", altText: "A bird.", tags: ["ink", "moor"])

    private func changed(_ change: (inout Draft) -> Void) -> Draft {
        var draft = base
        change(&draft)
        return draft
    }

    @Test func whatOneSideChangedIsTaken() {
        let mine = changed { $0.title = "Grey heron" }
        let theirs = changed { $0.altText = "A heron in reeds." }
        let result = DraftMerge.merge(base: base, mine: mine, theirs: theirs)
        #expect(result.conflicts.isEmpty)
        #expect(result.merged.title == "Grey heron" && result.merged.altText == "A heron in reeds.")
    }

    @Test func linesOfACaptionAreMergedAndOneLineIsAConflict() {
        let mine = changed { $0.caption = "On the moor.\nIn March.\nInk on rough paper." }
        let theirs = changed { $0.caption = "Near the moor.\nIn March.\nInk on paper.\nFor sale." }
        // The last line was changed here and has a new neighbour there: no choice is made silently.
        #expect(DraftMerge.merge(base: base, mine: mine, theirs: theirs).conflicts == [.caption])
        let apart = changed { $0.caption = "Near the moor.\nIn March.\nInk on paper." }
        let result = DraftMerge.merge(base: base, mine: mine, theirs: apart)
        #expect(result.conflicts.isEmpty)
        #expect(result.merged.caption == "Near the moor.\nIn March.\nInk on rough paper.")
    }

    @Test func tagsAreAddedAndRemovedOneByOne() {
        let mine = changed { $0.tags = ["ink", "bird"] }
        let theirs = changed { $0.tags = ["Ink", "moor", "march"] }
        let result = DraftMerge.merge(base: base, mine: mine, theirs: theirs)
        #expect(result.conflicts.isEmpty)
        #expect(Set(result.merged.tags.map { $0.lowercased() }) == ["ink", "march", "bird"])
    }

    @Test func theSameFieldIsAConflictUntilSomebodyDecides() {
        let mine = changed { $0.title = "Grey heron" }
        let theirs = changed {
            $0.title = "苍鹭"
            $0.sensitive = true
        }
        let conflict = EditConflict(base: base, mine: mine, theirs: theirs)
        #expect(conflict.fields == [.title])
        #expect(conflict.resolved(mine: [.title]).title == "Grey heron")
        #expect(conflict.resolved(mine: []).title == "苍鹭")
        #expect(conflict.resolved(mine: [.title]).sensitive)
    }

    @Test func theSameChangeOnBothSidesIsNone() {
        let both = changed { $0.title = "Grey heron" }
        let spaced = changed { $0.title = " Grey  heron" }
        #expect(DraftMerge.merge(base: base, mine: both, theirs: spaced).conflicts.isEmpty)
        let warned = changed { $0.spoilerText = "blood" }
        let hidden = changed {
            $0.spoilerText = "blood"
            $0.sensitive = true
        }
        #expect(DraftField.allCases.allSatisfy { $0.isSame(warned, hidden) })
    }

    @Test(
        arguments: [
            ("a\nb\nc", "a\nb\nc", "a\nb\nc", "a\nb\nc"), ("a\nb\nc", "x\nb\nc", "a\nb\ny", "x\nb\ny"),
            ("a\nb\nc", "a\nc", "a\nb\nc\nd", "a\nc\nd"), ("a\nb\nc\nd", "a\nc\nd", "a\nb\nc\nd\ne", "a\nc\nd\ne"),
            ("a", "b", "c", nil), ("", "a", "", "a"), ("", "a", "b", nil), ("a\nb", "", "a\nb", ""),
            ("a\nb\nc\nd\ne", "a\n1\nc\nd\ne", "a\nb\nc\n2\ne", "a\n1\nc\n2\ne"),
        ] as [(String, String, String, String?)])
    func linesMerge(_ base: String, _ mine: String, _ theirs: String, _ merged: String?) {
        #expect(LineMerge.merge(base: base, mine: mine, theirs: theirs) == merged)
        #expect(LineMerge.merge(base: base, mine: theirs, theirs: mine) == merged)
    }

    /// A version on one side alone always wins, whatever the texts are.
    @Test func mergingWithAnUnchangedSideGivesTheOther() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            func text() -> String {
                (0..<Int.random(in: 0...8, using: &random)).map { _ in "abc".randomElement(using: &random)!.description
                }
                .joined(separator: "\n")
            }
            let (one, other) = (text(), text())
            #expect(LineMerge.merge(base: one, mine: other, theirs: one) == other)
            #expect(LineMerge.merge(base: one, mine: one, theirs: other) == other)
            #expect(LineMerge.merge(base: one, mine: other, theirs: other) == other)
        }
    }

    @Test func whatComesBackFromAServerIsTheSameDraft() {
        let typed = Draft(title: "", caption: "One line\nand #ink in it", tags: ["ink", "moor"])
        #expect(typed.asPublished.title == "One line")
        #expect(typed.asPublished.tags == ["moor"])
        #expect(base.asPublished == base)
    }
}
