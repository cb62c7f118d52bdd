import Foundation

/// A file that comes in pieces (tus 1.0).
package struct UploadRecord: Hashable, Sendable {
    /// Random: nobody guesses the address of another's upload.
    package var id: String
    package var accountID: RecordID
    /// The client's own name for it: creating it twice makes one.
    package var clientKey: String?
    /// Bytes of the whole file.
    package var length: Int64
    /// Bytes that are on disk for sure.
    package var offset: Int64
    /// SHA-256 of the whole file, 64 hex digits, where the client says.
    package var sha256: String?
    package var description: String?
    /// Once it is complete.
    package var mediaID: RecordID?
    package var expiresAt: Date
}

package protocol UploadReading {
    func upload(_ id: String) throws -> UploadRecord?
    func upload(clientKey: String, account: RecordID) throws -> UploadRecord?
    /// Oldest first.
    func unfinishedUploads(of account: RecordID) throws -> [UploadRecord]
    func expiredUploads(at date: Date) throws -> [UploadRecord]
}

package protocol UploadWriting {
    func insertUpload(_ upload: UploadRecord) throws
    /// The offset only grows.
    func advanceUpload(_ id: String, to offset: Int64, expiresAt: Date) throws
    func finishUpload(_ id: String, media: RecordID) throws
    func deleteUpload(_ id: String) throws
}
