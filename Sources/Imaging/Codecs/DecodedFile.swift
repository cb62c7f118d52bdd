import Core

/// `DecodedImage` for a picture that is too large for memory.
public struct DecodedFile: Sendable {
    /// As in `DecodedImage`.
    public var raster: RasterFile
    public var format: ImageFormat
    public var metadata: ImageMetadata
    public var isLossless: Bool
    public var jpegQuality: Int?

    /// - Parameter raster: as it lies in the file; it is turned as the metadata say.
    init(
        lying raster: RasterFile, format: ImageFormat, metadata: ImageMetadata, isLossless: Bool,
        jpegQuality: Int? = nil
    ) throws {
        self.raster = try raster.oriented(from: Orientation(rawValue: metadata.orientation) ?? .upright)
        self.format = format
        self.metadata = metadata
        self.isLossless = isLossless
        self.jpegQuality = jpegQuality
    }
}
