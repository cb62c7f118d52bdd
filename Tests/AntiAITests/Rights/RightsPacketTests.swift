import AntiAI
import Core
import Foundation
import Testing

struct RightsPacketTests {
    private func text(_ rights: RightsStatement) -> String {
        String(decoding: RightsPacket.make(rights), as: UTF8.self)
    }

    @Test func saysWhatTheArtistSaid() {
        let packet = text(
            RightsStatement(creator: "梅林", notice: "© 2026 Mei Lin", license: "CC-BY-NC-4.0", prohibitsTraining: true))
        #expect(packet.contains("<dc:creator><rdf:Seq><rdf:li>梅林</rdf:li></rdf:Seq></dc:creator>"))
        #expect(packet.contains("<rdf:li xml:lang=\"x-default\">© 2026 Mei Lin</rdf:li>"))
        #expect(packet.contains("rdf:resource=\"https://creativecommons.org/licenses/by-nc/4.0/\""))
        #expect(packet.contains("http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"))
        #expect(packet.contains("<tdm:reservation>1</tdm:reservation>"))
    }

    @Test func allowingTrainingReservesNothing() {
        let packet = text(RightsStatement(creator: "A", prohibitsTraining: false))
        #expect(!packet.contains("DataMining") && !packet.contains("reservation") && !packet.contains("prohibited"))
    }

    @Test(arguments: [
        "</rdf:li><evil/>", "a\"b'c&d", "]]>", "<!--", "\u{1B}]0;x\u{7}", "x\u{0}y", "\u{202E}gnp", "\u{FFFE}", "🖌️",
        String(repeating: "a\u{301}", count: 10_000),
    ])
    func hostileNamesStayTextAndTheXMLStaysWellFormed(_ name: String) {
        let data = RightsPacket.make(RightsStatement(creator: name, notice: name, license: name))
        let parser = XMLCheck()
        #expect(parser.isWellFormed(data))
        #expect(!String(decoding: data, as: UTF8.self).contains("\u{1B}"))
        #expect(!String(decoding: data, as: UTF8.self).contains("\u{202E}"))
        #expect(data.count < 40_000)
        #expect(!data.contains(0))
    }

    @Test(arguments: [
        ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("cc-by-nc-nd-3.0", "https://creativecommons.org/licenses/by-nc-nd/3.0/"),
        ("CC-BY-NC-ND-1.0", "https://creativecommons.org/licenses/by-nd-nc/1.0/"),
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("https://example.org/my", "https://example.org/my"),
    ])
    func knowsLicences(_ license: String, _ url: String) { #expect(LicenseLink(license).url == url) }

    @Test(arguments: ["MIT", "CC-BY-9.0", "javascript:alert(1)", "ftp://x", ""])
    func linksNothingElse(_ license: String) { #expect(LicenseLink(license).url == nil) }

    @Test func thePublicDomainIsNotMarked() {
        #expect(text(RightsStatement(license: "CC0-1.0")).contains("<xmpRights:Marked>False</xmpRights:Marked>"))
        #expect(text(RightsStatement()).contains("<xmpRights:Marked>True</xmpRights:Marked>"))
    }
}
