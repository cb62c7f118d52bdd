import Core
import Testing

@Suite struct OutboxStateTests {
    @Test func everyMovingStateCanReachTheEnd() {
        for state in OutboxState.allCases {
            var reached: Set<OutboxState> = [state]
            while true {
                let next = reached.union(reached.flatMap(\.successors))
                if next == reached { break }
                reached = next
            }
            if state != .cancelled { #expect(reached.contains(.published), "\(state)") }
        }
    }

    @Test func endsAreEnds() {
        #expect(OutboxState.published.successors.isEmpty)
        #expect(OutboxState.cancelled.successors.isEmpty)
    }

    @Test func nothingUnprotectedIsUploaded() {
        for state in [OutboxState.draft, .protecting] {
            #expect(state.successors.isDisjoint(with: [.uploading, .uploaded, .publishing, .published]))
        }
    }

    @Test func theStatusTextCarriesTitleCaptionAndTags() {
        let draft = Draft(title: "Rain", caption: "Ink.\nOn paper.", tags: ["ink", "水彩"])
        #expect(draft.statusText == "Rain\n\nInk.\nOn paper.\n\n#ink #水彩")
        #expect(Draft(title: "Rain").statusText == "Rain")
    }
}
