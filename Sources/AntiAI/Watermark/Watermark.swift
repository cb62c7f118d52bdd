import Core
import Foundation
import Imaging

/// A blind, keyed 64-bit watermark in the luma of a picture.
///
/// Spread spectrum on a canonical plane, repeated in tiles, with a pilot for resynchronisation; read back after
/// crops, scaling, rotation, flips, compression and tone changes. Cox, Kilian, Leighton and Shamoon 1997; Kutter 1998;
/// Pereira and Pun 2000.
public enum Watermark {
    /// The shortest side that can be marked, pixels.
    public static let minimumSide = 128

    /// Throws `UserError` where a side is shorter than `minimumSide`.
    static func requireMarkable(_ width: Int, _ height: Int) throws {
        guard min(width, height) < minimumSide else { return }
        throw UserError(
            """
            The picture is too small to mark (\(width)×\(height); a watermark needs \(minimumSide) pixels on each side): \
            use a larger one, or only the methods noise and rights.
            """)
    }

    /// The luma to add to the picture for gain 1 (root mean square about 1 on the 0…255 scale), stronger where texture
    /// hides it. The caller solves the gain for its visibility target and applies it by `Raster.adding`.
    /// - Throws: `UserError` when a side is shorter than `minimumSide`.
    public static func residual(for raster: Raster, payload: MarkID, key: WatermarkKey) throws -> Plane {
        try residual(for: raster, payload: payload, keys: [key])
    }

    /// The same with a mark of each key, all of one payload and equally strong: each of them can be read alone.
    /// - Precondition: there is a key.
    public static func residual(for raster: Raster, payload: MarkID, keys: [WatermarkKey]) throws -> Plane {
        try MarkResidual(raster: raster, payload: payload, keys: keys).plane()
    }

    /// The same, left on the canonical plane: for pictures so large that a plane of their size is too much.
    public static func compactResidual(
        for raster: Raster, payload: MarkID, keys: [WatermarkKey] = [.community]
    ) throws -> MarkResidual {
        try MarkResidual(raster: raster, payload: payload, keys: keys)
    }

    /// Reads the mark made with one of the keys, if there is one.
    public static func extract(from raster: Raster, keys: [WatermarkKey] = [.community]) -> WatermarkReading? {
        guard min(raster.width, raster.height) >= 16, !keys.isEmpty else { return nil }
        var reader = Reader(raster: raster, keys: keys)
        return reader.read()
    }

    /// The same for a picture in a file.
    public static func extract(from file: RasterFile, keys: [WatermarkKey] = [.community]) -> WatermarkReading? {
        guard min(file.width, file.height) >= 16, !keys.isEmpty else { return nil }
        var reader = Reader(file: file, keys: keys)
        return reader.read()
    }

    /// The marks that are in an encoded picture, in the order of their keys: at most one for each of them. Where one is
    /// found, those of the other keys are looked for in the same place.
    ///
    /// - Parameter scratch: the directory for the nameless file in which a very large picture lies meanwhile.
    /// - Throws: `UserError` for files that cannot be decoded.
    public static func readings(
        in data: Data, keys: [WatermarkKey], scratch: URL = FileManager.default.temporaryDirectory
    ) throws -> (marks: [WatermarkReading], width: Int, height: Int) {
        let size = try ImageCodec.dimensions(data)
        var reader: Reader
        if size.width * size.height > LargeRun.pixels {
            reader = Reader(file: try ImageCodec.decode(data, intoFileIn: scratch).raster, keys: keys)
        } else {
            reader = Reader(raster: try ImageCodec.decode(data).raster, keys: keys)
        }
        return (min(size.width, size.height) < 16 ? [] : reader.readAll(), size.width, size.height)
    }
}

/// What was read from a picture.
public struct WatermarkReading: Sendable {
    /// How the picture lies on the plane on which it was marked.
    public struct Geometry: Sendable, Hashable {
        /// Pixels of this picture per canonical pixel.
        public var scale: Double
        /// Degrees by which the picture was turned, clockwise, −180…180.
        public var rotation: Double
        /// Whether it was mirrored left to right, before the rotation.
        public var flip: Bool
        /// Where the upper left corner of this picture lies on the canonical plane, canonical pixels. The mark repeats
        /// every 128 of them, so it is known modulo 128.
        public var x: Double
        public var y: Double
        /// Long edge of the canonical plane that was assumed, pixels.
        public var plane: Int
        /// Long edges of the pictures that are marked on that plane, pixels.
        public var markedEdges: ClosedRange<Int> { CanonicalPlane.longEdges(of: plane) }
        /// Whether a part of the marked picture is missing; nil where it cannot be told.
        public var crop: Bool?
    }

    public var payload: MarkID
    /// log10 of a bound on the probability that an unmarked picture is read as marked with such certainty; ≤ −9.
    public var logFalsePositive: Double
    public var geometry: Geometry
    /// Which of the keys it was.
    public var keyIndex: Int
}
