import Core
import Foundation

/// A picture whose samples lie in a nameless file instead of in memory, for pictures that would fill it. It is read and
/// written in bands of rows, which are ordinary rasters.
///
/// Sendable because it is written before it is shared, like every value that is built up.
public final class RasterFile: @unchecked Sendable {
    public let width: Int
    public let height: Int
    public let layout: PixelLayout
    /// 8 or 16.
    public let bitDepth: Int
    /// As in `Raster`.
    public let iccProfile: [UInt8]?
    /// Where its file is, and those of the pictures that are made from it.
    public let directory: URL
    private let file: ScratchFile

    /// - Parameter directory: where the file is made; it needs width × height × channels × depth / 8 bytes there.
    /// - Precondition: sides are at least 1.
    /// - Throws: `UserError` when there is no room.
    public init(
        width: Int, height: Int, layout: PixelLayout, bitDepth: Int, iccProfile: [UInt8]? = nil, in directory: URL
    ) throws {
        precondition(width > 0 && height > 0)
        self.width = width
        self.height = height
        self.layout = layout
        self.bitDepth = bitDepth
        self.iccProfile = iccProfile
        self.directory = directory
        file = try ScratchFile(size: width * height * layout.channels * bitDepth / 8, in: directory)
    }

    public var pixelCount: Int { width * height }
    /// Bytes of a row.
    var pitch: Int { width * layout.channels * bitDepth / 8 }

    /// Rows in a band that costs about a megapixel, at least 16.
    public var bandHeight: Int { min(height, max(16, (1 << 20) / width)) }

    /// Ranges of rows from top to bottom, each a band.
    public var bands: [Range<Int>] {
        stride(from: 0, to: height, by: bandHeight).map { $0..<min(height, $0 + bandHeight) }
    }

    /// The samples of the rows, for codecs. Pages that were touched stay in memory until `release`.
    func withRows<Result>(_ rows: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try body(UnsafeMutableRawBufferPointer(rebasing: file.bytes[rows.lowerBound * pitch..<rows.upperBound * pitch]))
    }

    func release() { file.release() }

    /// A copy of some rows.
    ///
    /// - Precondition: the range is not empty and lies inside the picture.
    public func rows(_ rows: Range<Int>) -> Raster {
        let count = rows.count * width * layout.channels
        let samples: Samples = withRows(rows) { bytes in
            func copy<Sample>(_ type: Sample.Type) -> [Sample] {
                Array(UnsafeBufferPointer(rebasing: bytes.bindMemory(to: Sample.self)[0..<count]))
            }
            return bitDepth == 16 ? .u16(copy(UInt16.self)) : .u8(copy(UInt8.self))
        }
        release()
        return Raster(width: width, height: rows.count, layout: layout, samples: samples, iccProfile: iccProfile)
    }

    /// Puts a band in its place.
    ///
    /// - Precondition: it has the picture's width, layout and depth, and ends inside the picture.
    public func write(_ band: Raster, at y: Int) {
        precondition(band.width == width && band.layout == layout && band.bitDepth == bitDepth)
        withRows(y..<y + band.height) { bytes in
            switch band.samples {
            case .u8(let values): values.withUnsafeBytes { bytes.copyMemory(from: $0) }
            case .u16(let values): values.withUnsafeBytes { bytes.copyMemory(from: $0) }
            }
        }
        release()
    }

    /// Whether any pixel lets the background through.
    public var isTranslucent: Bool { layout.hasAlpha && bands.contains { rows($0).isTranslucent } }

    /// A picture of the same size, band by band.
    ///
    /// - Parameters:
    ///   - change: from a band to a band of the same size; what its layout, depth and profile are decides the result's.
    public func mapped(_ change: (Raster) throws -> Raster) throws -> RasterFile {
        var result: RasterFile?
        for range in bands {
            let band = try change(rows(range))
            let target =
                try result
                ?? RasterFile(
                    width: width, height: height, layout: band.layout, bitDepth: band.bitDepth,
                    iccProfile: band.iccProfile, in: directory)
            target.write(band, at: range.lowerBound)
            result = target
        }
        return result!
    }

    /// The picture turned upright; itself where it is already.
    func oriented(from orientation: Orientation) throws -> RasterFile {
        guard orientation != .upright else { return self }
        let swaps = orientation.swapsSides
        let target = try RasterFile(
            width: swaps ? height : width, height: swaps ? width : height, layout: layout, bitDepth: bitDepth,
            iccProfile: iccProfile, in: directory)
        // A band of the target is a strip of the source, upright or across.
        for range in target.bands {
            target.write(strip(range, of: orientation).oriented(from: orientation), at: range.lowerBound)
        }
        return target
    }

    /// The part of the source that becomes those rows of the turned picture.
    private func strip(_ target: Range<Int>, of orientation: Orientation) -> Raster {
        let length = orientation.swapsSides ? width : height
        let flips: Bool =
            switch orientation {
            case .upright, .mirrored, .transposed, .rotated90: false
            case .rotated180, .mirroredRotated180, .transversed, .rotated270: true
            }
        let range = flips ? (length - target.upperBound)..<(length - target.lowerBound) : target
        guard orientation.swapsSides else { return rows(range) }
        let step = layout.channels * bitDepth / 8
        let samples: Samples = withRows(0..<height) { bytes in
            func columns<Sample>(_ type: Sample.Type) -> [Sample] {
                let source = bytes.bindMemory(to: Sample.self)
                let (from, count) = (range.lowerBound * layout.channels, range.count * layout.channels)
                return [Sample](unsafeUninitializedCapacity: count * height) { target, filled in
                    for y in 0..<height {
                        let row = source.baseAddress! + y * width * layout.channels + from
                        (target.baseAddress! + y * count).initialize(from: row, count: count)
                    }
                    filled = count * height
                }
            }
            return step > layout.channels ? .u16(columns(UInt16.self)) : .u8(columns(UInt8.self))
        }
        release()
        return Raster(width: range.count, height: height, layout: layout, samples: samples, iccProfile: iccProfile)
    }
}
