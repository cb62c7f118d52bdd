/// A complete CSI sequence and what it means.
struct ControlSequence {
    /// Parameters and intermediates.
    var body: [UInt8]
    var final: UInt8

    private var numbers: [Int] {
        let digits = body.filter { (0x30...0x3B).contains($0) }
        return String(decoding: digits, as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
            .prefix(32).map { Int($0.prefix(while: \.isNumber)) ?? 0 }
    }

    /// Nil for what no terminal should send.
    var event: InputEvent? {
        let privateMarker = body.first.flatMap { (0x3C...0x3F).contains($0) ? $0 : nil }
        switch (privateMarker, final) {
        case (UInt8(ascii: "?"), UInt8(ascii: "c")): return .report(.primaryAttributes(numbers))
        case (UInt8(ascii: "?"), UInt8(ascii: "y")):
            return numbers.count == 2 ? .report(.mode(numbers[0], numbers[1])) : nil
        case (UInt8(ascii: "<"), UInt8(ascii: "M")): return mouse
        case (UInt8(ascii: "<"), _): return nil
        case (.some, _): return .report(.other)
        case (nil, UInt8(ascii: "t")): return .report(.window(numbers))
        case (nil, UInt8(ascii: "R")) where numbers.count == 2 && numbers[0] != 1: return .report(.other)
        case (nil, UInt8(ascii: "n")), (nil, UInt8(ascii: "I")): return .report(.other)
        default: return key.map { .key($0) }
        }
    }

    private var modifiers: Key.Modifiers {
        guard numbers.count >= 2, numbers[1] > 1 else { return [] }
        let bits = numbers[1] - 1
        var result: Key.Modifiers = []
        if bits & 1 != 0 { result.insert(.shift) }
        if bits & 2 != 0 { result.insert(.alt) }
        if bits & 4 != 0 { result.insert(.control) }
        return result
    }

    private var key: Key? {
        let code: Key.Code
        switch final {
        case UInt8(ascii: "A"): code = .up
        case UInt8(ascii: "B"): code = .down
        case UInt8(ascii: "C"): code = .right
        case UInt8(ascii: "D"): code = .left
        case UInt8(ascii: "H"): code = .home
        case UInt8(ascii: "F"): code = .end
        case UInt8(ascii: "Z"): return Key(.tab, .shift)
        case UInt8(ascii: "P")...UInt8(ascii: "S"): code = .function(Int(final) - 79)
        case UInt8(ascii: "~"):
            switch numbers.first {
            case 1, 7: code = .home
            case 2: code = .insert
            case 3: code = .delete
            case 4, 8: code = .end
            case 5: code = .pageUp
            case 6: code = .pageDown
            case let number? where (11...15).contains(number): code = .function(number - 10)
            case let number? where (17...21).contains(number): code = .function(number - 11)
            case let number? where (23...24).contains(number): code = .function(number - 12)
            default: return nil
            }
        default: return nil
        }
        return Key(code, modifiers)
    }

    private var mouse: InputEvent? {
        guard numbers.count == 3 else { return nil }
        let at = Point(x: numbers[1] - 1, y: numbers[2] - 1)
        switch numbers[0] & ~0x1C {
        case 0: return .mouse(MouseEvent(.press, at: at))
        case 64: return .mouse(MouseEvent(.wheelUp, at: at))
        case 65: return .mouse(MouseEvent(.wheelDown, at: at))
        default: return nil
        }
    }
}
