import Core
import Foundation

/// Reads and writes PNG, JPEG and WebP, from memory, within limits.
///
/// Whatever the bytes are, decoding ends in a picture or in a `UserError` of one sentence. Damaged and cut-off files
/// are errors, not half a picture: what is published must be what the artist has seen. (Only the end marker of a JPEG
/// may be missing, when every pixel was there.) Memory: the picture itself, once more where it has to be turned, and
/// for progressive JPEG its coefficients (6 bytes a pixel).
public enum ImageCodec {
    /// The format by the first bytes, whatever the file's name; nil for anything that is not decoded here.
    public static func sniff(_ data: Data) -> ImageFormat? {
        let view = ByteView(data)
        if view.slice(0, 8)?.elementsEqual(PNGChunks.signature) == true { return .png }
        if view.slice(0, 3)?.elementsEqual([0xFF, 0xD8, 0xFF]) == true { return .jpeg }
        if view.has("RIFF"), view.has("WEBP", at: 8) { return .webp }
        return nil
    }

    /// Size and format by the header alone, as the picture stands upright.
    public static func dimensions(_ data: Data) throws -> (width: Int, height: Int, format: ImageFormat) {
        let format = try recognize(data)
        let lying: (width: Int, height: Int)
        let metadata: ImageMetadata
        switch format {
        case .png:
            guard let chunks = PNGChunks(data) else { throw UserError.damaged(.png) }
            (lying, metadata) = ((chunks.width, chunks.height), chunks.metadata)
        case .jpeg:
            guard let segments = JPEGSegments(data) else { throw UserError.damaged(.jpeg) }
            (lying, metadata) = ((segments.width, segments.height), segments.metadata)
        case .webp:
            guard let chunks = WebPChunks(data) else { throw UserError.damaged(.webp) }
            let features = try WebPDecoder.features(data)
            (lying, metadata) = ((Int(features.width), Int(features.height)), chunks.metadata)
        }
        let swaps = Orientation(rawValue: metadata.orientation)?.swapsSides == true
        return swaps ? (lying.height, lying.width, format) : (lying.width, lying.height, format)
    }

    /// The picture with what its file says.
    ///
    /// - Throws: `UserError` for everything that is not a still PNG, JPEG or WebP within the limits.
    public static func decode(_ data: Data, limits: DecodeLimits = .standard) throws -> DecodedImage {
        try limits.check(bytes: data.count)
        switch try recognize(data) {
        case .png: return try PNGDecoder.decode(data, limits: limits)
        case .jpeg: return try JPEGDecoder.decode(data, limits: limits)
        case .webp: return try WebPDecoder.decode(data, limits: limits)
        }
    }

    /// The picture in a regular file.
    public static func decode(fileAt url: URL, limits: DecodeLimits = .standard) throws -> DecodedImage {
        try decode(BoundedFile.read(url, limits: limits), limits: limits)
    }

    /// The picture in a nameless file in a directory instead of in memory, for very large ones. Memory: a few rows; for
    /// progressive JPEG and lossless WebP what their decoders keep (6 and 4 bytes a pixel).
    ///
    /// - Throws: as `decode`, and where there is no room on the disk.
    public static func decode(
        _ data: Data, intoFileIn directory: URL, limits: DecodeLimits = .standard
    ) throws -> DecodedFile {
        try limits.check(bytes: data.count)
        switch try recognize(data) {
        case .png: return try PNGDecoder.decode(data, limits: limits, into: directory)
        case .jpeg: return try JPEGDecoder.decode(data, limits: limits, into: directory)
        case .webp: return try WebPDecoder.decode(data, limits: limits, into: directory)
        }
    }

    /// The bytes of a regular file: in memory, or in a nameless copy in the scratch directory where it is large.
    public static func read(fileAt url: URL, scratch: URL?, limits: DecodeLimits = .standard) throws -> Data {
        try BoundedFile.read(url, limits: limits, scratch: scratch)
    }

    /// A small version for thumbnails: 8 bits, sRGB without a profile, upright, the longer side at most
    /// `maximumSide`, never enlarged. JPEG is decoded at the nearest eighth, so it is several times as quick.
    public static func decodeReduced(
        _ data: Data, maximumSide: Int, limits: DecodeLimits = .standard
    ) throws -> Raster {
        guard maximumSide > 0 else { throw UserError("A picture needs at least one pixel.") }
        try limits.check(bytes: data.count)
        let raster: Raster
        if try recognize(data) == .jpeg {
            raster = try JPEGDecoder.decodeReduced(data, atLeast: maximumSide, limits: limits)
        } else {
            raster = try decode(data, limits: limits).raster
        }
        return ColorTransform.toSRGB(raster.reduced(toFit: maximumSide))
    }

    /// The picture as a file that holds its pixels, its profile, the XMP packet of the options and nothing else; the
    /// same bytes for the same input.
    ///
    /// 16 bits stay in PNG and are rounded to 8 elsewhere; grey stays grey in PNG and JPEG.
    /// - Throws: `UserError` when the format cannot hold the picture: alpha in JPEG, sides over the format's limit.
    public static func encode(
        _ raster: Raster, as format: ImageFormat, _ options: EncodeOptions = .init()
    ) throws -> Data {
        try check(raster, options)
        switch format {
        case .png: return try PNGEncoder.encode(raster, options)
        case .jpeg: return try JPEGEncoder.encode(raster, options)
        case .webp: return try WebPEncoder.encode(raster, options)
        }
    }

    /// The same for a picture in a file; the result lies on the disk as well, in the same directory, without a name.
    ///
    /// The bytes are those that the same picture in memory gives.
    public static func encode(
        _ raster: RasterFile, as format: ImageFormat, _ options: EncodeOptions = .init()
    ) throws -> Data {
        try check(raster, options)
        if format == .webp { return try WebPEncoder.encode(raster, options) }
        let descriptor = try ScratchFile.open(in: raster.directory)
        defer { close(descriptor) }
        if format == .png {
            try PNGEncoder.encode(raster, options, to: descriptor)
        } else {
            let shallow = raster.bitDepth == 8 ? raster : try raster.mapped { $0.to8Bit() }
            try JPEGEncoder.encode(shallow, options, to: descriptor)
        }
        return try ScratchFile.data(of: descriptor)
    }

    private static func check(_ feed: some PixelFeed, _ options: EncodeOptions) throws {
        try options.check()
        if let profile = feed.iccProfile, ICCProfile.usable(profile, for: feed.layout) == nil {
            throw UserError("The colour profile does not belong to the picture's kind of pixels.", .internal)
        }
    }

    private static func recognize(_ data: Data) throws -> ImageFormat {
        guard !data.isEmpty else { throw UserError("The file is empty.") }
        guard let format = sniff(data) else { throw ForeignFormat.error(for: data) }
        return format
    }
}

extension UserError {
    static func damaged(_ format: ImageFormat) -> UserError {
        UserError("This \(format.title) file is damaged or incomplete; export or download it again.")
    }

    static func animated(_ format: String) -> UserError {
        UserError("This is an animated \(format); save the frame that you want as a still PNG, then try again.")
    }

    static func cannotWrite(_ format: ImageFormat, _ reason: String) -> UserError {
        UserError("Writing the \(format.title) file failed (\(reason)).", .internal)
    }
}

extension ImageFormat {
    /// The name as people write it.
    var title: String {
        switch self {
        case .png: "PNG"
        case .jpeg: "JPEG"
        case .webp: "WebP"
        }
    }
}
