import Core
import Foundation
import GRDB

/// A protected picture that may go over the wire. Only the vault makes one, out of what came in as `ProtectedImage`;
/// the uploader takes nothing else.
public struct UploadableBlob: Sendable {
    public let id: BlobID
    public let format: ImageFormat
    public let bytes: Int64
    private let file: URL

    fileprivate init(id: BlobID, format: ImageFormat, bytes: Int64, file: URL) {
        self.id = id
        self.format = format
        self.bytes = bytes
        self.file = file
    }

    /// A piece of the picture as the body of a request.
    public func body(from offset: Int64, length: Int64) -> HTTPRequest.Body {
        .file(file, offset: offset, length: length)
    }

    /// The picture as one part of a multipart body. Its name on the wire says nothing about the artist's file.
    public func part(named name: String) -> HTTPRequest.Part {
        HTTPRequest.Part(
            name: name, fileName: "picture.\(format.fileExtension)", contentType: format.mimeType, content: .file(file))
    }
}

extension Vault {
    /// Opens the item's blob, its bytes checked against its name.
    ///
    /// - Throws: `StoreFault.damagedFile` when it is missing or changed: protect again.
    public func openBlob(_ item: OutboxItem) throws -> UploadableBlob {
        guard let id = item.blob else { throw StoreFault.damagedFile("") }
        let row = try read { db in
            try Row.fetchOne(db, sql: "SELECT format, bytes FROM blobs WHERE id = ?", arguments: [id.description])
        }
        let file = blobs.url(id.description)
        guard
            let row, let format = ImageFormat(rawValue: row["format"]),
            (try? Digest.sha256(fileAt: file)) == id.description
        else { throw StoreFault.damagedFile(id.description) }
        return UploadableBlob(id: id, format: format, bytes: row["bytes"], file: file)
    }
}
