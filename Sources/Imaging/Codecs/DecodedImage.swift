import Core

/// A picture with what its file said.
public struct DecodedImage: Sendable {
    /// Upright, with the embedded profile where it is usable. CMYK has been converted to sRGB.
    public var raster: Raster
    public var format: ImageFormat
    public var metadata: ImageMetadata
    /// Whether the file stores the pixels exactly: PNG and lossless WebP.
    public var isLossless: Bool
    /// The quality setting of libjpeg that comes closest to the file's luma table, 1…100; nil for other formats.
    public var jpegQuality: Int?
    /// Whether the PNG stored palette indices.
    public var wasPalette: Bool

    /// - Parameter raster: as it lies in the file; it is turned as the metadata say.
    init(
        lying raster: Raster, format: ImageFormat, metadata: ImageMetadata, isLossless: Bool, jpegQuality: Int? = nil,
        wasPalette: Bool = false
    ) {
        self.raster = raster.oriented(from: Orientation(rawValue: metadata.orientation) ?? .upright)
        self.format = format
        self.metadata = metadata
        self.isLossless = isLossless
        self.jpegQuality = jpegQuality
        self.wasPalette = wasPalette
    }
}
