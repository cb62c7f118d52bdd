import API
import Core
import Foundation
import Testing

@Suite struct EntityTests {
    @Test func aStatusSurvivesTheWire() throws {
        let account = AccountEntity(
            id: "1", username: "mei", acct: "mei", displayName: "Mei Lin", createdAt: Date(timeIntervalSince1970: 0),
            note: "<p>ink &amp; water</p>", url: "http://x/@mei", avatar: "http://x/a.png", followersCount: 1,
            followingCount: 2, statusesCount: 3)
        let media = MediaEntity(
            id: "7", url: "http://x/7.png", previewURL: nil,
            meta: .init(original: .init(width: 40, height: 30), small: nil), description: "a fox")
        let entity = StatusEntity(
            id: "9", uri: "u", url: nil, createdAt: Date(timeIntervalSince1970: 1_800_000_000.5), editedAt: nil,
            account: account, content: "<p>Title<br />line</p><p>#ink</p>", visibility: "public", sensitive: true,
            spoilerText: "", language: "en", inReplyToID: nil, inReplyToAccountID: nil, mediaAttachments: [media],
            tags: [.init(name: "Ink", url: "")], repliesCount: 0, reblogsCount: 0, favouritesCount: 4,
            favourited: true, reblogged: false, bookmarked: false,
            fixative: .init(
                clientID: nil, markID: "00000000000000ff", license: "CC0-1.0", recipe: "subtle", revision: 2))
        let data = try Wire.encode(entity)
        let back = try Wire.decode(StatusEntity.self, from: data)
        #expect(back == entity)
        let status = back.status
        #expect(status.title == "Title")
        #expect(status.tags == ["ink"])
        #expect(status.media[0].width == 40)
        #expect(status.createdAt == Date(timeIntervalSince1970: 1_800_000_000.5))
        #expect(status.provenance?.markID?.rawValue == 255)
        #expect(status.account.note == "ink & water")
        let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        for key in ["edited_at", "in_reply_to_id", "card", "poll", "reblog", "mentions", "emojis", "media_attachments"]
        {
            #expect(object.keys.contains(key), "\(key)")
        }
    }

    @Test func missingAndMistypedFieldsAreForgiven() throws {
        let json =
            #"{"id": 12, "account": {"id": "3"}, "sensitive": "yes", "media_attachments": [{"x": 1}, {"id": 5}]}"#
        let entity = try Wire.decode(StatusEntity.self, from: Data(json.utf8))
        #expect(entity.id == "12")
        #expect(entity.status.media.map(\.id) == ["5"])
        #expect(!entity.sensitive)
    }

    @Test func aStatusWithoutIdentityIsNone() {
        for json in ["{}", #"{"id": "1"}"#, "[]", "<html>", ""] {
            #expect(throws: (any Error).self) { try Wire.decode(StatusEntity.self, from: Data(json.utf8)) }
        }
    }

    @Test func oneBadElementDoesNotCostTheOthers() throws {
        let json = #"[{"id":"1","account":{"id":"2"}}, 5, {"id":"3"}, null]"#
        #expect(try Wire.decodeArray(of: StatusEntity.self, from: Data(json.utf8)).map(\.id) == ["1"])
    }

    @Test(arguments: ["2026-11-23T12:34:56.789Z", "2026-11-23T12:34:56Z", "2026-11-23T13:34:56+01:00"])
    func datesAreReadInEveryForm(text: String) {
        #expect(abs((WireDate.parse(text)?.timeIntervalSince1970 ?? 0) - 1_795_437_296) < 1)
    }
}

@Suite struct HTMLTextTests {
    @Test(arguments: [
        ("<p>a</p><p>b</p>", "a\n\nb"), ("a<br>b<br/>c<br />d", "a\nb\nc\nd"),
        ("<a href=\"x\" onclick=\"y\">#ink</a>", "#ink"), ("1 &lt; 2 &amp;&amp; 3", "1 < 2 && 3"),
        ("&#39;&#x27;&bogus; &", "''&bogus; &"), ("<script>", ""), ("a < b", "a"), ("&#0;&#xD800;", "\u{0}&#xD800;"),
    ])
    func becomesPlain(html: String, expected: String) {
        #expect(HTMLText.plain(html) == expected)
    }

    @Test func escapingIsUndoneByReading() {
        let text = "<b>\"'&amp;"
        #expect(HTMLText.plain(HTMLText.escape(text)) == text)
    }
}
