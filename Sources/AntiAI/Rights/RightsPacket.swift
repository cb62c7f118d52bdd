import Core
import Foundation

/// The XMP packet (ISO 16684-1) that carries the artist's rights in a published file.
///
/// Dublin Core and XMP Rights for creator, notice, licence and terms; Creative Commons `cc:license`; PLUS LDF 2.0.1
/// `plus:DataMining`, which IPTC Photo Metadata 2023.1 took over; and the reservation of the W3C community's TDM
/// Reservation Protocol. A packet is a request to those who read it: it stops nobody who does not.
public enum RightsPacket {
    /// PLUS's controlled value for "prohibited for AI/ML training".
    public static let trainingProhibited = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"

    /// The packet in UTF-8. Text from people is cleaned and escaped.
    public static func make(_ rights: RightsStatement) -> Data {
        var lines: [String] = []
        if let creator = present(rights.creator) {
            lines.append("<dc:creator><rdf:Seq><rdf:li>\(creator)</rdf:li></rdf:Seq></dc:creator>")
        }
        if let notice = present(rights.notice) {
            lines.append("<dc:rights>\(alternative(notice))</dc:rights>")
        }
        let license = rights.license.flatMap { XMPText.clean($0).isEmpty ? nil : LicenseLink($0) }
        lines.append("<xmpRights:Marked>\(license?.isPublicDomain == true ? "False" : "True")</xmpRights:Marked>")
        if let url = license?.url.map(XMPText.escape) {
            lines.append("<xmpRights:WebStatement>\(url)</xmpRights:WebStatement>")
            lines.append("<cc:license rdf:resource=\"\(url)\"/>")
        }
        lines.append("<xmpRights:UsageTerms>\(alternative(terms(license, rights)))</xmpRights:UsageTerms>")
        if rights.prohibitsTraining {
            lines.append("<plus:DataMining>\(trainingProhibited)</plus:DataMining>")
            lines.append("<tdm:reservation>1</tdm:reservation>")
        }
        let body = lines.map { "   \($0)\n" }.joined()
        let packet = """
            <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
            <x:xmpmeta xmlns:x="adobe:ns:meta/">
             <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
              <rdf:Description rdf:about=""
                xmlns:dc="http://purl.org/dc/elements/1.1/"
                xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
                xmlns:cc="http://creativecommons.org/ns#"
                xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
                xmlns:tdm="http://www.w3.org/ns/tdmrep/">
            \(body)  </rdf:Description>
             </rdf:RDF>
            </x:xmpmeta>
            <?xpacket end="w"?>
            """
        return Data(packet.utf8)
    }

    private static func present(_ text: String?) -> String? {
        let escaped = XMPText.escape(text ?? "")
        return escaped.isEmpty ? nil : escaped
    }

    private static func alternative(_ escaped: String) -> String {
        "<rdf:Alt><rdf:li xml:lang=\"x-default\">\(escaped)</rdf:li></rdf:Alt>"
    }

    private static func terms(_ license: LicenseLink?, _ rights: RightsStatement) -> String {
        var sentences: [String] = []
        switch license {
        case nil: sentences.append("All rights reserved.")
        case .some(let license) where license.url != nil && license.url != license.name:
            sentences.append("\(license.name): \(license.url ?? "").")
        case .some(let license): sentences.append("Licence: \(license.name).")
        }
        if rights.prohibitsTraining {
            sentences.append("Use for training artificial intelligence or machine learning is prohibited.")
        }
        return XMPText.escape(sentences.joined(separator: " "))
    }
}
