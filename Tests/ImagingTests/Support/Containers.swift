import Foundation

/// Integers as bytes.
enum Bytes {
    static func big16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
    static func big32(_ value: Int) -> [UInt8] { big16(value >> 16 & 0xFFFF) + big16(value & 0xFFFF) }
    static func little32(_ value: Int) -> [UInt8] { big32(value).reversed() }
}

/// Puts metadata into encoded files, as cameras and programs do.
enum Containers {
    /// A JPEG with a segment right after its start.
    static func jpeg(_ file: Data, marker: UInt8, _ content: [UInt8]) -> Data {
        insert([0xFF, marker] + Bytes.big16(content.count + 2) + content, into: file, at: 2)
    }

    static func jpeg(_ file: Data, exif: [UInt8]) -> Data { jpeg(file, marker: 0xE1, Array("Exif\0\0".utf8) + exif) }

    static func jpeg(_ file: Data, profile: [UInt8]) -> Data {
        jpeg(file, marker: 0xE2, Array("ICC_PROFILE\0".utf8) + [1, 1] + profile)
    }

    static func jpeg(_ file: Data, iptc: [UInt8]) -> Data {
        let resource = Array("8BIM".utf8) + [4, 4, 0, 0] + Bytes.big32(iptc.count) + iptc
        return jpeg(file, marker: 0xED, Array("Photoshop 3.0\0".utf8) + resource)
    }

    /// A PNG with a chunk right after IHDR.
    static func png(_ file: Data, chunk type: String, _ content: [UInt8]) -> Data {
        insert(chunk(type, content), into: file, at: 33)
    }

    private static func insert(_ bytes: [UInt8], into file: Data, at offset: Int) -> Data {
        var result = Data(file)
        result.insert(contentsOf: bytes, at: offset)
        return result
    }

    static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + content
        return Bytes.big32(content.count) + body + Bytes.big32(Int(crc32(body)))
    }

    /// A WebP, whose bitstream is the only chunk, in the extended format with an EXIF chunk.
    static func webp(_ file: Data, exif: [UInt8], width: Int, height: Int) -> Data {
        let size = Bytes.little32(width - 1).prefix(3) + Bytes.little32(height - 1).prefix(3)
        var body = Array("WEBP".utf8) + riff("VP8X", [0x08, 0, 0, 0] + size)
        body += file.dropFirst(12)
        body += riff("EXIF", exif)
        return Data(Array("RIFF".utf8) + Bytes.little32(body.count) + body)
    }

    private static func riff(_ type: String, _ content: [UInt8]) -> [UInt8] {
        Array(type.utf8) + Bytes.little32(content.count) + content + (content.count % 2 == 1 ? [0] : [])
    }

    /// The types of the chunks of a PNG, with the checksums made right again on request.
    static func pngChunks(_ file: inout Data, repairing: Bool = false) -> [String] {
        var types: [String] = []
        var offset = 8
        while offset + 12 <= file.count {
            let size = file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            guard size <= file.count - offset - 12 else { break }
            let body = file[offset + 4..<offset + 8 + size]
            types.append(String(decoding: body.prefix(4), as: UTF8.self))
            if repairing {
                let sum = Bytes.big32(Int(crc32(Array(body))))
                file.replaceSubrange(offset + 8 + size..<offset + 12 + size, with: sum)
            }
            offset += 12 + size
        }
        return types
    }

    /// The markers of a JPEG up to its first scan.
    static func jpegMarkers(_ file: Data) -> [UInt8] {
        var markers: [UInt8] = []
        var offset = 2
        while offset + 4 <= file.count, file[offset] == 0xFF {
            markers.append(file[offset + 1])
            if file[offset + 1] == 0xDA { break }
            offset += 2 + (Int(file[offset + 2]) << 8 | Int(file[offset + 3]))
        }
        return markers
    }

    /// The types of the chunks of a WebP.
    static func webpChunks(_ file: Data) -> [String] {
        var types: [String] = []
        var offset = 12
        while offset + 8 <= file.count {
            types.append(String(decoding: file[offset..<offset + 4], as: UTF8.self))
            let size = file[offset + 4..<offset + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
            offset += 8 + size + size % 2
        }
        return types
    }

    /// The checksum of PNG's chunks (ISO 3309).
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~sum
    }
}
