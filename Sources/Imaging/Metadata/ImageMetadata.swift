import Foundation

/// What a file says beside its pixels. Everything in it comes from strangers; nothing of it is written again.
public struct ImageMetadata: Sendable {
    /// The EXIF block as TIFF (EXIF 2.32), without the `Exif` prefix.
    public var exif: Data?
    /// The XMP packet (ISO 16684-1), as it is.
    public var xmp: Data?
    /// The IPTC-IIM record (IIM 4.2), without Photoshop's wrapping.
    public var iptc: Data?
    /// JPEG comments and the text chunks of PNG, at most 64 of at most 4096 bytes each.
    public var comments: [String] = []
    /// EXIF orientation, 1…8, 1 where there is none. Decoded pictures have already been turned by it.
    public var orientation = 1
    /// Whether EXIF or XMP say where the picture was made.
    public var hasGPS = false
    public var copyright: String?
    public var artist: String?
    public var description: String?

    /// Further things that were found, by the names of `removalSummary`.
    var findings: Set<Finding> = []

    public init() {}

    /// What is lost when only the pixels and the colour profile are kept: names to be shown, in a fixed order.
    public func removalSummary() -> [String] {
        Finding.allCases.filter { findings.contains($0) }.map(\.rawValue)
    }
}

/// What metadata can give away, in the order in which it is listed.
enum Finding: String, CaseIterable {
    case gps = "GPS position"
    case place = "place name"
    case serial = "camera serial number"
    case owner = "owner's name"
    case artist = "artist"
    case copyright = "copyright notice"
    case description = "description"
    case dates = "date and time"
    case camera = "camera and lens"
    case software = "software"
    case makerNote = "maker note"
    case thumbnail = "thumbnail"
    case extraPicture = "additional picture"
    case comment = "comment"
    case otherEXIF = "other EXIF fields"
    case xmp = "XMP packet"
    case iptc = "IPTC record"
}

extension ImageMetadata {
    /// What was found in the containers, read further.
    init(exif: Data?, xmp: Data?, iptc: Data?, comments: [String], hasExtraPicture: Bool = false) {
        self.exif = exif.map(Self.own)
        self.xmp = xmp.map(Self.own)
        self.iptc = iptc.map(Self.own)
        self.comments = comments
        if hasExtraPicture { findings.insert(.extraPicture) }
        if !comments.isEmpty { findings.insert(.comment) }
        if let exif { add(ExifReader(exif)) }
        if let iptc { add(IPTCReader(iptc)) }
        if let xmp { add(XMPReader(xmp)) }
        hasGPS = findings.contains(.gps)
        if copyright != nil { findings.insert(.copyright) }
        if artist != nil { findings.insert(.artist) }
        if description != nil { findings.insert(.description) }
    }

    /// A copy that counts from 0 and does not keep the whole file in memory.
    private static func own(_ slice: Data) -> Data { slice.subdata(in: slice.startIndex..<slice.endIndex) }

    private mutating func add(_ reader: ExifReader) {
        orientation = reader.orientation
        findings.formUnion(reader.findings)
        copyright = reader.copyright
        artist = reader.artist
        description = reader.description
    }

    private mutating func add(_ reader: IPTCReader) {
        findings.formUnion(reader.findings)
        copyright = copyright ?? reader.copyright
        artist = artist ?? reader.byline
        description = description ?? reader.caption
    }

    private mutating func add(_ reader: XMPReader) {
        findings.formUnion(reader.findings)
        copyright = copyright ?? reader.rights
        artist = artist ?? reader.creator
        description = description ?? reader.description
    }
}
