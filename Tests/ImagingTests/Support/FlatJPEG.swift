import Foundation

/// Writes baseline JPEG files (ITU-T T.81) of one 8 × 8 block and one colour, with any number of components, exact to
/// the last digit: libjpeg's encoder would not make all of them.
struct FlatJPEG {
    /// The stored value of each component, 0…255.
    var values: [Int]
    /// The transform byte of Adobe's APP14: 0 none, 2 YCCK; nil for no such marker.
    var adobeTransform: UInt8?
    var precision: UInt8 = 8
    /// 0xC0 baseline, 0xC3 lossless, 0xC9 arithmetic and so on.
    var frameMarker: UInt8 = 0xC0
    var side = 8

    var data: Data {
        var file: [UInt8] = [0xFF, 0xD8]
        if let adobeTransform { file += segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, adobeTransform]) }
        // A step of 8 makes the DC coefficient the value itself.
        file += segment(0xDB, [0] + [UInt8](repeating: 8, count: 64))
        var frame: [UInt8] = [precision] + Bytes.big16(side) + Bytes.big16(side) + [UInt8(values.count)]
        for index in values.indices { frame += [UInt8(index + 1), 0x11, 0] }
        file += segment(frameMarker, frame)
        // DC: the categories 0…11 as codes of 4 bits. AC: only "end of block", one bit.
        file += segment(0xC4, [0, 0, 0, 0, 12] + [UInt8](repeating: 0, count: 12) + (0..<12).map { UInt8($0) })
        file += segment(0xC4, [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0])
        var scan = [UInt8(values.count)]
        for index in values.indices { scan += [UInt8(index + 1), 0] }
        file += segment(0xDA, scan + [0, 63, 0])
        return Data(file + entropyCoded() + [0xFF, 0xD9])
    }

    private func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, marker] + Bytes.big16(content.count + 2) + content
    }

    private func entropyCoded() -> [UInt8] {
        var bits: [Int] = []
        func put(_ value: Int, _ count: Int) {
            for bit in stride(from: count - 1, through: 0, by: -1) { bits.append(value >> bit & 1) }
        }
        for value in values {
            let coefficient = value - 128
            let category = coefficient == 0 ? 0 : Int.bitWidth - abs(coefficient).leadingZeroBitCount
            put(category, 4)
            put(coefficient >= 0 ? coefficient : coefficient + (1 << category) - 1, category)
            put(0, 1)
        }
        while bits.count % 8 != 0 { bits.append(1) }
        return stride(from: 0, to: bits.count, by: 8).flatMap { start -> [UInt8] in
            let byte = UInt8(bits[start..<start + 8].reduce(0) { $0 << 1 | $1 })
            return byte == 0xFF ? [0xFF, 0] : [byte]
        }
    }
}
