/// Turns a terminal's bytes into events, however they are split (ECMA-48, xterm's control sequences).
///
/// Takes any bytes: what makes no sense is dropped, and nothing grows beyond a bound.
public struct InputDecoder: Sendable {
    private static let maximumSequence = 8_192
    private static let maximumPaste = 1 << 20

    private var buffer: [UInt8] = []
    private var pasting = false
    private var paste: [UInt8] = []
    /// Inside an overlong string sequence whose end has not come yet.
    private var skippingString = false

    public init() {}

    /// Whether bytes wait for the rest of their sequence.
    public var isPending: Bool { !buffer.isEmpty && !pasting }

    /// The events that these bytes complete.
    public mutating func feed(_ bytes: some Sequence<UInt8>) -> [InputEvent] {
        buffer += bytes
        var events: [InputEvent] = []
        var at = 0
        while at < buffer.count {
            if pasting {
                guard takePaste(&at, &events) else { break }
                continue
            }
            if skippingString {
                guard skipString(&at) else { break }
                continue
            }
            guard let (event, length) = next(at) else { break }
            if let event { events.append(event) }
            at += length
        }
        buffer.removeFirst(at)
        if !pasting, buffer.count > Self.maximumSequence {
            skippingString = true
            buffer.removeAll()
        }
        return events
    }

    /// What waiting bytes mean when nothing follows: a lone ESC is the key. With `force`, unfinished sequences go.
    public mutating func flush(force: Bool = false) -> [InputEvent] {
        if buffer == [0x1B], !pasting, !skippingString {
            buffer = []
            return [.key(Key(.escape))]
        }
        if force, !pasting {
            buffer = []
            skippingString = false
        }
        return []
    }

    /// The first event from `at` and its length in bytes; nil while incomplete. Dropped bytes have no event.
    private mutating func next(_ at: Int) -> (InputEvent?, Int)? {
        let first = buffer[at]
        switch first {
        case 0x1B: return escape(at)
        case 0x0D, 0x0A: return (.key(Key(.enter)), 1)
        case 0x09: return (.key(Key(.tab)), 1)
        case 0x7F, 0x08: return (.key(Key(.backspace)), 1)
        case 0x00: return (.key(.control(" ")), 1)
        case 0x01...0x1A:
            return (.key(.control(Character(Unicode.Scalar(first + 0x60)))), 1)
        case 0x1C...0x1F: return (nil, 1)
        default: return character(at).map { ($0.0.map { .key(.character($0)) }, $0.1) }
        }
    }

    /// One UTF-8 character (RFC 3629); malformed bytes are dropped one by one.
    private func character(_ at: Int) -> (Character?, Int)? {
        let first = buffer[at]
        let length: Int
        switch first {
        case 0x20...0x7E: return (Character(Unicode.Scalar(first)), 1)
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return (nil, 1)
        }
        let available = min(length, buffer.count - at)
        for offset in 1..<max(1, available) where buffer[at + offset] & 0xC0 != 0x80 { return (nil, offset) }
        if available < length { return nil }
        let text = String(validating: buffer[at..<(at + length)], as: UTF8.self)
        guard let scalar = text?.unicodeScalars.first, scalar.value >= 0xA0 else { return (nil, length) }
        return (Character(scalar), length)
    }

    private mutating func escape(_ at: Int) -> (InputEvent?, Int)? {
        guard at + 1 < buffer.count else { return nil }
        switch buffer[at + 1] {
        case UInt8(ascii: "["): return controlSequence(at)
        case UInt8(ascii: "O"):
            guard at + 2 < buffer.count else { return nil }
            return (Self.applicationKey(buffer[at + 2]).map { .key(Key($0)) }, 3)
        case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
            return stringSequence(at)
        case 0x1B: return (.key(Key(.escape)), 1)
        case 0x0D: return (.key(Key(.enter, .alt)), 2)
        case 0x7F: return (.key(Key(.backspace, .alt)), 2)
        default:
            guard let (character, length) = character(at + 1) else { return nil }
            return (character.map { .key(Key(.character($0), .alt)) }, length + 1)
        }
    }

    private static func applicationKey(_ byte: UInt8) -> Key.Code? {
        switch byte {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "M"): .enter
        case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(byte) - 79)
        default: nil
        }
    }

    /// CSI: parameters 0x30–0x3F, intermediates 0x20–0x2F, a final byte 0x40–0x7E.
    private mutating func controlSequence(_ at: Int) -> (InputEvent?, Int)? {
        var end = at + 2
        while end < buffer.count, (0x20...0x3F).contains(buffer[end]) {
            if end - at > 128 { return (nil, end - at) }
            end += 1
        }
        guard end < buffer.count else { return nil }
        let final = buffer[end]
        guard (0x40...0x7E).contains(final) else { return (nil, end - at) }
        let length = end - at + 1
        let body = buffer[(at + 2)..<end]
        // X10 mouse reports carry three more bytes.
        if final == UInt8(ascii: "M"), body.isEmpty { return buffer.count >= end + 4 ? (nil, length + 3) : nil }
        // xterm's linux-console function keys: CSI [ A…E.
        if final == UInt8(ascii: "["), body.isEmpty {
            guard end + 1 < buffer.count else { return nil }
            let key = buffer[end + 1]
            return ((65...69).contains(key) ? .key(Key(.function(Int(key) - 64))) : nil, length + 1)
        }
        if final == UInt8(ascii: "~"), body.elementsEqual("200".utf8) {
            pasting = true
            return (nil, length)
        }
        return (ControlSequence(body: Array(body), final: final).event, length)
    }

    /// DCS, OSC, APC, PM, SOS up to ST or BEL.
    private mutating func stringSequence(_ at: Int) -> (InputEvent?, Int)? {
        var end = at + 2
        while end < buffer.count {
            if buffer[end] == 0x07 { return (.report(report(buffer[at + 1], at + 2, end)), end - at + 1) }
            if buffer[end] == 0x1B {
                guard end + 1 < buffer.count else { return nil }
                if buffer[end + 1] == UInt8(ascii: "\\") {
                    return (.report(report(buffer[at + 1], at + 2, end)), end - at + 2)
                }
                // A new sequence begins: this one was broken off.
                return (nil, end - at)
            }
            end += 1
        }
        return nil
    }

    private func report(_ kind: UInt8, _ start: Int, _ end: Int) -> TerminalReport {
        let text = String(decoding: buffer[start..<end], as: UTF8.self)
        if kind == UInt8(ascii: "P"), text.hasPrefix(">|") { return .version(String(text.dropFirst(2))) }
        if kind == UInt8(ascii: "_"), text.hasPrefix("G") { return .kittyGraphics(String(text.dropFirst())) }
        return .other
    }

    private mutating func skipString(_ at: inout Int) -> Bool {
        while at < buffer.count {
            let byte = buffer[at]
            at += 1
            if byte == 0x07 || byte == UInt8(ascii: "\\") || byte == 0x1B {
                skippingString = false
                return true
            }
        }
        return false
    }

    /// Collects pasted bytes until `ESC [ 201 ~`; false while its end has not come.
    private mutating func takePaste(_ at: inout Int, _ events: inout [InputEvent]) -> Bool {
        let terminator = Array("\u{1B}[201~".utf8)
        while at < buffer.count {
            let rest = buffer[at...].prefix(terminator.count)
            if rest.elementsEqual(terminator) {
                at += terminator.count
                pasting = false
                events.append(.paste(String(decoding: paste, as: UTF8.self)))
                paste = []
                return true
            }
            // Perhaps the terminator, cut in two.
            if rest.count < terminator.count, rest.elementsEqual(terminator.prefix(rest.count)) { return false }
            if paste.count < Self.maximumPaste { paste.append(buffer[at]) }
            at += 1
        }
        return false
    }
}
