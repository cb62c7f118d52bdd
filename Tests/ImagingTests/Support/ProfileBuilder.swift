/// Writes small ICC profiles (ICC.1:2001-04, version 2) for the tests.
enum ProfileBuilder {
    /// Adobe RGB (1998): its primaries adapted to D50, exponent 563/256.
    static var adobeRGB: [UInt8] {
        file(
            kind: "mntr", colors: "RGB ", connection: "XYZ ",
            [
                ("wtpt", xyz(0.9642, 1, 0.8249)), ("rXYZ", xyz(0.60974, 0.31111, 0.01947)),
                ("gXYZ", xyz(0.20528, 0.62567, 0.06087)), ("bXYZ", xyz(0.14919, 0.06322, 0.74457)),
                ("rTRC", gamma(563)), ("gTRC", gamma(563)), ("bTRC", gamma(563)),
            ])
    }

    /// Grey with exponent 1.
    static var linearGray: [UInt8] {
        file(
            kind: "mntr", colors: "GRAY", connection: "XYZ ",
            [("wtpt", xyz(0.9642, 1, 0.8249)), ("kTRC", gamma(256))])
    }

    /// A printer whose inks have exactly these colours: Lab for each corner of the CMYK cube, linear in between.
    static func cmyk(_ corner: (_ c: Bool, _ m: Bool, _ y: Bool, _ k: Bool) -> (l: Double, a: Double, b: Double))
        -> [UInt8]
    {
        var table: [UInt8] = []
        for index in 0..<16 {
            let color = corner(index & 8 != 0, index & 4 != 0, index & 2 != 0, index & 1 != 0)
            // The 16-bit Lab of version 2: L 0…100 as 0…0xFF00, a and b offset by 128.
            table += Bytes.big16(Int((color.l / 100 * 0xFF00).rounded()))
            table += Bytes.big16(Int(((color.a + 128) * 256).rounded()))
            table += Bytes.big16(Int(((color.b + 128) * 256).rounded()))
        }
        let identity = Bytes.big16(0) + Bytes.big16(0xFFFF)
        var lut = Array("mft2".utf8) + Bytes.big32(0) + [4, 3, 2, 0]
        for row in 0..<9 { lut += Bytes.big32(row % 4 == 0 ? 0x10000 : 0) }
        lut += Bytes.big16(2) + Bytes.big16(2)
        lut += (0..<4).flatMap { _ in identity } + table + (0..<3).flatMap { _ in identity }
        return file(
            kind: "prtr", colors: "CMYK", connection: "Lab ", [("wtpt", xyz(0.9642, 1, 0.8249)), ("A2B0", lut)])
    }

    private static func fixed(_ value: Double) -> [UInt8] { Bytes.big32(Int((value * 65536).rounded())) }

    private static func xyz(_ x: Double, _ y: Double, _ z: Double) -> [UInt8] {
        Array("XYZ ".utf8) + Bytes.big32(0) + fixed(x) + fixed(y) + fixed(z)
    }

    /// The exponent in 1/256.
    private static func gamma(_ value: Int) -> [UInt8] {
        Array("curv".utf8) + Bytes.big32(0) + Bytes.big32(1) + Bytes.big16(value) + [0, 0]
    }

    private static func description(_ text: String) -> [UInt8] {
        let ascii = Array(text.utf8) + [0]
        let start = Array("desc".utf8) + Bytes.big32(0) + Bytes.big32(ascii.count) + ascii
        let bytes = start + [UInt8](repeating: 0, count: 78)
        return bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }

    private static func file(
        kind: String, colors: String, connection: String, _ tags: [(name: String, content: [UInt8])]
    ) -> [UInt8] {
        let all = [("desc", description("Test")), ("cprt", Array("text".utf8) + Bytes.big32(0) + [0, 0, 0, 0])] + tags
        var directory = Bytes.big32(all.count)
        var heap: [UInt8] = []
        let heapAt = 128 + 4 + all.count * 12
        for (name, content) in all {
            directory += Array(name.utf8) + Bytes.big32(heapAt + heap.count) + Bytes.big32(content.count)
            heap += content
        }
        var header = Bytes.big32(heapAt + heap.count) + [0, 0, 0, 0] + [2, 0x40, 0, 0]
        header += Array((kind + colors + connection).utf8)
        header += Bytes.big16(2000) + Bytes.big16(1) + Bytes.big16(1) + [0, 0, 0, 0, 0, 0]
        header += Array("acsp".utf8) + [UInt8](repeating: 0, count: 28)
        header += fixed(0.9642) + fixed(1) + fixed(0.8249)
        header += [UInt8](repeating: 0, count: 128 - header.count)
        return header + directory + heap
    }
}
