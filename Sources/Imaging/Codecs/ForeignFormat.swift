import Core
import Foundation

/// Formats that are recognised by their first bytes so that the refusal can name them.
enum ForeignFormat {
    /// One sentence on what the file is and what to do.
    static func error(for data: Data) -> UserError {
        guard let name = name(of: data) else {
            return UserError("This is not a picture in a format known here; save it as PNG, JPEG or WebP.")
        }
        return UserError("\(name) files are not supported; export the picture as PNG, JPEG or WebP, then try again.")
    }

    private static let magic: [(offset: Int, bytes: [UInt8], name: String)] = [
        entry("GIF8", "GIF"), entry("II*\0", "TIFF and camera raw"), entry("MM\0*", "TIFF and camera raw"),
        entry("II+\0", "BigTIFF"), entry("MM\0+", "BigTIFF"), entry("BM", "BMP"), entry("8BPS", "Photoshop"),
        entry("gimp xcf", "GIMP"), entry("CSFCHUNK", "Clip Studio Paint"), entry("%PDF-", "PDF"),
        entry("%!PS", "PostScript"), entry("AFFN", "Affinity"), entry("FUJIFILM", "Camera raw"),
        entry("#?RADIANCE", "Radiance HDR"), entry("qoif", "QOI"), entry("DDS ", "DDS"), entry("icns", "ICNS"),
        entry("FLIF", "FLIF"), entry("FORM", "IFF"), entry("SIMPLE  =", "FITS"), entry("/* XPM */", "XPM"),
        entry("OggS", "Video"), entry("RIFF", "Video and sound"),
        (0, [0xFF, 0x0A], "JPEG XL"), (0, [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20], "JPEG XL"),
        (0, [0xFF, 0x4F, 0xFF, 0x51], "JPEG 2000"), (0, [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20], "JPEG 2000"),
        (0, [0x76, 0x2F, 0x31, 0x01], "OpenEXR"), (0, [0, 0, 1, 0], "Icon (ICO)"), (0, [0, 0, 2, 0], "Cursor (CUR)"),
        (0, [0xC5, 0xD0, 0xD3, 0xC6], "EPS"), (0, [0x8A, 0x4D, 0x4E, 0x47], "MNG"),
        (0, [0x8B, 0x4A, 0x4E, 0x47], "JNG"),
        (0, [0x1A, 0x45, 0xDF, 0xA3], "Video"), (0, [0x01, 0xDA], "SGI"), (0, [0xD7, 0xCD, 0xC6, 0x9A], "WMF"),
        (0, [0x59, 0xA6, 0x6A, 0x95], "Sun raster"), (0, [0x1F, 0x8B], "Compressed (gzip)"),
        (0, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "FlashPix and other OLE"),
    ]

    private static func entry(_ text: String, _ name: String) -> (offset: Int, bytes: [UInt8], name: String) {
        (0, Array(text.utf8), name)
    }

    private static func name(of data: Data) -> String? {
        let view = ByteView(data)
        if view.has("ftyp", at: 4) { return brand(view) }
        if view.has("PK\u{03}\u{04}") { return archive(data) }
        for (offset, bytes, name) in magic where view.slice(offset, bytes.count)?.elementsEqual(bytes) == true {
            return name
        }
        if view.has("P"), let kind = view.u8(1), UInt8(ascii: "1")...UInt8(ascii: "7") ~= kind,
            let blank = view.u8(2), [0x20, 0x0A, 0x0D, 0x09].contains(blank)
        {
            return "Netpbm"
        }
        return isSVG(data) ? "SVG" : nil
    }

    /// ISO base media files by their major brand.
    private static func brand(_ view: ByteView) -> String {
        let brand = view.slice(8, 4).map { String(decoding: $0, as: UTF8.self) } ?? ""
        switch brand {
        case "avif", "avis": return "AVIF"
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1": return "HEIC"
        case "crx ": return "Camera raw"
        default: return "Video"
        }
    }

    /// Zip archives by the name of their first entry's media type.
    private static func archive(_ data: Data) -> String {
        let head = data.prefix(256)
        if head.range(of: Data("application/x-krita".utf8)) != nil { return "Krita" }
        if head.range(of: Data("image/openraster".utf8)) != nil { return "OpenRaster" }
        return "ZIP"
    }

    private static func isSVG(_ data: Data) -> Bool {
        let head = data.prefix(1024)
        return head.range(of: Data("<svg".utf8)) != nil
    }
}
