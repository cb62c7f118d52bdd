/// Writes small EXIF blocks (TIFF 6.0) for the tests.
struct ExifBuilder {
    enum Value {
        case short(Int)
        case text(String)
    }

    var isLittleEndian = false
    var main: [(tag: Int, value: Value)] = []
    var exif: [(tag: Int, value: Value)] = []
    var gps: [(tag: Int, value: Value)] = []

    var bytes: [UInt8] {
        let order: [UInt8] = isLittleEndian ? [0x49, 0x49] : [0x4D, 0x4D]
        var file = order + u16(42) + u32(8)
        // The directories follow each other; the first one links to the others.
        let links = (exif.isEmpty ? 0 : 1) + (gps.isEmpty ? 0 : 1)
        var entries = main.map { (tag: $0.tag, value: $0.value, link: 0) }
        let exifAt = 8 + size(main, extra: links)
        let gpsAt = exifAt + (exif.isEmpty ? 0 : size(exif))
        if !exif.isEmpty { entries.append((0x8769, .short(0), exifAt)) }
        if !gps.isEmpty { entries.append((0x8825, .short(0), gpsAt)) }
        file += directory(entries, at: 8)
        if !exif.isEmpty { file += directory(exif.map { ($0.tag, $0.value, 0) }, at: exifAt) }
        if !gps.isEmpty { file += directory(gps.map { ($0.tag, $0.value, 0) }, at: gpsAt) }
        return file
    }

    private func u16(_ value: Int) -> [UInt8] { isLittleEndian ? Bytes.big16(value).reversed() : Bytes.big16(value) }
    private func u32(_ value: Int) -> [UInt8] { isLittleEndian ? Bytes.little32(value) : Bytes.big32(value) }

    private func size(_ entries: [(tag: Int, value: Value)], extra: Int = 0) -> Int {
        6 + (entries.count + extra) * 12 + entries.reduce(0) { $0 + stored($1.value).count }
    }

    /// What stands outside the entry: texts of more than 3 characters, padded.
    private func stored(_ value: Value) -> [UInt8] {
        guard case .text(let text) = value, text.utf8.count > 3 else { return [] }
        return Array(text.utf8) + (text.utf8.count % 2 == 0 ? [0, 0] : [0])
    }

    private func directory(_ entries: [(tag: Int, value: Value, link: Int)], at offset: Int) -> [UInt8] {
        var head = u16(entries.count)
        var heap: [UInt8] = []
        let heapAt = offset + 6 + entries.count * 12
        for (tag, value, link) in entries {
            head += u16(tag)
            switch value {
            case .short(let number) where link == 0: head += u16(3) + u32(1) + u16(number) + [0, 0]
            case .short: head += u16(4) + u32(1) + u32(link)
            case .text(let text):
                let inline = Array(text.utf8) + [UInt8](repeating: 0, count: max(0, 4 - text.utf8.count))
                let content = stored(value)
                head += u16(2) + u32(text.utf8.count + 1)
                head += content.isEmpty ? inline : u32(heapAt + heap.count)
                heap += content
            }
        }
        return head + u32(0) + heap
    }
}
