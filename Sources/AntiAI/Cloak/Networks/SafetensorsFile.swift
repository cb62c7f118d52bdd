import Core
import Foundation
import Glibc

/// A file of named tensors (the safetensors format): a length, a JSON header of that length, and raw numbers.
///
/// Nothing in such a file is ever executed. Every length, offset, shape and number is checked before it is used, so a
/// hostile file ends in one sentence.
package struct SafetensorsFile {
    package struct Tensor: Sendable, Equatable {
        package var shape: [Int]
        package var values: [Float]
    }

    package private(set) var tensors: [String: Tensor] = [:]
    package private(set) var metadata: [String: String] = [:]

    static let maximumBytes = 256 << 20
    private static let maximumHeader = 4 << 20
    private static let maximumTensors = 4096

    /// Reads a file.
    ///
    /// - Throws: `UserError` with the file's name for anything that is not such a file.
    package init(contentsOf file: URL) throws {
        let name = file.lastPathComponent
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw UserError("The network \(name) cannot be opened: \(String(cString: strerror(errno))).")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw UserError("The network \(name) is not a file but a folder or a device.")
        }
        guard information.st_size <= Self.maximumBytes else {
            throw UserError("The network \(name) is larger than \(Self.maximumBytes >> 20) MiB.")
        }
        guard let data = try? handle.read(upToCount: Self.maximumBytes) else {
            throw UserError("The network \(name) cannot be read.")
        }
        try self.init(data, name: name)
    }

    /// - Parameter name: for messages.
    package init(_ data: Data, name: String) throws {
        func broken(_ what: String) -> UserError {
            UserError("The network \(name) is not a valid safetensors file: \(what).")
        }
        guard data.count >= 8 else { throw broken("it is cut short") }
        let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= Self.maximumHeader else { throw broken("its header is too long") }
        guard Int(length) <= data.count - 8 else { throw broken("it is cut short") }
        let header = data.dropFirst(8).prefix(Int(length))
        let body = data.dropFirst(8 + Int(length))
        guard let json = try? JSONSerialization.jsonObject(with: header) as? [String: Any] else {
            throw broken("its header is not a JSON object")
        }
        guard json.count <= Self.maximumTensors else { throw broken("it has too many tensors") }
        var ranges: [Range<Int>] = []
        for (key, value) in json {
            if key == "__metadata__" {
                guard let words = value as? [String: String] else { throw broken("its metadata are not words") }
                metadata = words
                continue
            }
            let label = key.prefix(60).filter { $0.isASCII && !$0.isNewline && $0 != "\u{1B}" }
            guard let entry = Entry(value) else { throw broken("the entry of \(label) is incomplete or out of range") }
            guard let count = entry.count, entry.range.upperBound <= body.count,
                entry.range.count == count * entry.kind.size
            else { throw broken("\(label) does not lie where its shape needs it") }
            ranges.append(entry.range)
            let bytes = body.dropFirst(entry.range.lowerBound).prefix(entry.range.count)
            let values = bytes.withUnsafeBytes(entry.kind.read)
            guard values.allSatisfy(\.isFinite) else { throw broken("\(label) holds values that are no numbers") }
            tensors[key] = Tensor(shape: entry.shape, values: values)
        }
        ranges.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        for (first, second) in zip(ranges, ranges.dropFirst()) where first.upperBound > second.lowerBound {
            throw broken("two of its tensors overlap")
        }
    }

    /// The number formats that networks come in.
    private enum Kind: String {
        case f32 = "F32"
        case f16 = "F16"
        case bf16 = "BF16"

        var size: Int { self == .f32 ? 4 : 2 }

        func read(_ bytes: UnsafeRawBufferPointer) -> [Float] {
            (0..<bytes.count / size).map { index in
                if self == .f32 {
                    return Float(
                        bitPattern: UInt32(
                            littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
                }
                let bits = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
                return self == .bf16 ? Float(bitPattern: UInt32(bits) << 16) : Self.half(bits)
            }
        }

        /// IEEE 754 half precision; Swift's own Float16 does not exist on every platform.
        private static func half(_ bits: UInt16) -> Float {
            let sign: Float = bits >> 15 == 0 ? 1 : -1
            let exponent = Int(bits >> 10 & 31)
            let fraction = Float(bits & 1023)
            switch exponent {
            case 0: return sign * fraction * 0x1p-24
            case 31: return fraction == 0 ? sign * .infinity : .nan
            default: return sign * (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
            }
        }
    }

    private struct Entry {
        var kind: Kind
        var shape: [Int]
        var range: Range<Int>

        init?(_ value: Any) {
            guard let fields = value as? [String: Any],
                let kind = (fields["dtype"] as? String).flatMap(Kind.init(rawValue:)),
                let shape = fields["shape"] as? [Int], shape.count <= 4,
                shape.allSatisfy({ (1...65536).contains($0) }),
                let offsets = fields["data_offsets"] as? [Int], offsets.count == 2, offsets[0] >= 0,
                offsets[1] >= offsets[0]
            else { return nil }
            self.kind = kind
            self.shape = shape
            range = offsets[0]..<offsets[1]
        }

        /// Nil where the product is beyond any file.
        var count: Int? {
            var product = 1
            for side in shape {
                product *= side
                if product > SafetensorsFile.maximumBytes { return nil }
            }
            return product
        }
    }
}
