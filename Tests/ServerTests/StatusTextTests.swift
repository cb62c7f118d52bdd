import API
import Foundation
import Server
import Testing

struct StatusTextTests {
    @Test func findsHashtagsAlsoInChineseAndJapanese() {
        #expect(
            StatusText("#Watercolor 画#水彩 #水彩画 #1 a#b #ＡＢ #watercolor").hashtags
                == ["watercolor", "水彩", "水彩画", "ab"])
    }

    @Test func findsMentionsOnce() {
        #expect(StatusText("@Mei hi @mei, mail a@b.org").mentions == ["mei"])
    }

    @Test func keepsTheTextThroughHTML() {
        for text in ["a", "title\n\ncaption\nline\n\n#tag", "1 < 2 & \"3\" 'x' https://x.org/?a=1&b=2.", "水\n\n\n彩"] {
            #expect(HTMLText.plain(StatusText(text).html(base: "http://x", accounts: [])) == text)
        }
    }

    @Test(arguments: [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "https://x.org/\"onmouseover=\"alert(1)",
        "https://x.org/'><svg onload=alert(1)>", "javascript:alert(1)", "#a\"><b>", "@mei\"><i>", "&lt;b&gt;",
        "\"\u{301} onmouseover=alert(1)", "<\u{301}script>", "https://x.org/\u{202E}gpj.exe",
    ])
    func writesOnlyAllowedTags(_ hostile: String) throws {
        let html = StatusText(hostile).html(base: "http://localhost", accounts: ["mei"])
        var rest = html.unicodeScalars[...]
        while let start = rest.firstIndex(of: "<") {
            let end = try #require(rest[start...].firstIndex(of: ">"))
            let tag = String(String.UnicodeScalarView(rest[rest.index(after: start)..<end]))
            let allowed = tag == "p" || tag == "/p" || tag == "br /" || tag == "/a" || isLink(tag)
            #expect(allowed, "\(tag)")
            rest = rest[rest.index(after: end)...]
        }
        #expect(HTMLText.plain(html).contains("alert(1)") || !hostile.contains("alert(1)"))
    }

    /// `a` with `href` to http or https, perhaps `rel`, and nothing else.
    private func isLink(_ tag: String) -> Bool {
        let pieces = tag.split(separator: "\"", omittingEmptySubsequences: false)
        guard pieces.first == "a href=", pieces.count == 3 || pieces.count == 5 else { return false }
        guard pieces[1].hasPrefix("http://") || pieces[1].hasPrefix("https://") else { return false }
        return pieces.count == 3 ? pieces[2].isEmpty : pieces[2] == " rel=" && pieces[4].isEmpty
    }
}
