import Foundation

/// The kinds of file that the program writes.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case png, jpeg, webp

    public var mimeType: String { "image/\(rawValue)" }
    public var fileExtension: String { self == .jpeg ? "jpg" : rawValue }
}

/// A picture that went through the protection pipeline, encoded and ready to be published.
///
/// Only `AntiAI` can make one: its initialiser is behind the SPI `Protection`, and a test over the `import` lines
/// lets no other module ask for that SPI. The store accepts nothing else as a blob that the uploader may open.
public struct ProtectedImage: Sendable {
    /// The encoded file, with the metadata of the allow-list and nothing more.
    public let data: Data
    public let format: ImageFormat
    public let report: ProtectionReport

    @_spi(Protection)
    public init(data: Data, format: ImageFormat, report: ProtectionReport) {
        self.data = data
        self.format = format
        self.report = report
    }

    /// The name that the picture gets in the store.
    public var blobID: BlobID { BlobID(of: data) }
}
