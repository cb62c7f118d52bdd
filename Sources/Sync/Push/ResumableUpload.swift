import Core
import Foundation
import Store

/// Sends a picture in pieces and goes on where the server stands, however often the connection breaks.
struct ResumableUpload {
    /// Bytes of the first piece, and of the one after a break.
    static let pieceBytes: Int64 = 4 << 20
    /// While all goes well each piece is twice as long as the one before, up to this: every piece costs a round trip,
    /// and the server a write to its disk. No more than one piece is ever sent twice because of one break.
    static let largestPieceBytes: Int64 = 32 << 20
    /// Smaller pictures go in one request: asking where it stands would cost more than sending it again.
    static let singleRequestBytes: Int64 = 1 << 20
    /// Answers that lead nowhere, in a row, after which the upload waits for its next turn.
    private static let maximumStandstills = 3

    let client: MastodonClient
    let blob: UploadableBlob
    /// Names the upload to the server before it has a name of the server's.
    let key: String
    let description: String

    /// - Parameters:
    ///   - known: the server's name of an upload that was begun.
    ///   - began: records that name durably, before any byte is sent.
    ///   - gained: called when the server has more bytes than before.
    /// - Returns: the media id; nil when the server has no such uploads.
    /// - Throws: `ServerFault` when the server does not answer, or refuses.
    func run(
        known: String?, began: (String) throws -> Void, gained: () -> Void,
        progress: @escaping @Sendable (Double) -> Bool
    ) throws -> String? {
        var standing: UploadStanding
        if let known, let found = try client.uploadStanding(known) {
            standing = found
        } else {
            guard let begun = try client.beginUpload(blob, key: key, description: description) else { return nil }
            try began(begun.id)
            standing = begun
        }
        var standstills = 0
        var piece = Self.pieceBytes
        var largest = Self.largestPieceBytes
        while true {
            if let media = standing.mediaID { return media }
            let next: UploadStanding
            do {
                let (now, isSmooth) = try step(standing, piece, progress)
                next = now
                piece = isSmooth ? min(piece * 2, largest) : Self.pieceBytes
            } catch ServerFault.tooLarge where piece > Self.pieceBytes {
                // A proxy's limit on one request is none on the picture.
                largest = Self.pieceBytes
                piece = largest
                continue
            }
            if next.offset > standing.offset || next.mediaID != nil {
                standstills = 0
                gained()
            } else {
                standstills += 1
                guard standstills < Self.maximumStandstills else {
                    throw ServerFault.unknownOutcome("\(client.host) takes no more of the picture.", retryAt: nil)
                }
            }
            standing = next
        }
    }

    /// Sends one piece.
    ///
    /// - Returns: where the upload stands then, and whether the piece was sent and answered without a break.
    private func step(
        _ standing: UploadStanding, _ piece: Int64, _ progress: @escaping @Sendable (Double) -> Bool
    ) throws -> (UploadStanding, isSmooth: Bool) {
        let total = blob.bytes
        let offset = standing.offset
        guard offset <= total else {
            throw ServerFault.unknownOutcome("\(client.host) has more of the picture than there is.", retryAt: nil)
        }
        do {
            let outcome = try client.sendPiece(
                blob, to: standing, length: min(piece, total - offset)
            ) { sent in progress(Double(offset + sent) / Double(max(1, total))) }
            switch outcome {
            case .taken(let now): return (now, true)
            case .elsewhere: return (try ask(standing), false)
            case .gone: throw ServerFault.unknownOutcome("\(client.host) has forgotten the upload.", retryAt: nil)
            }
        } catch let fault as ServerFault {
            guard case .noAnswer = fault else { throw fault }
            // The break may be over: what arrived counts, and if something did, there is no need to wait.
            guard let now = try client.uploadStanding(standing.id), now.offset > offset || now.mediaID != nil else {
                throw fault
            }
            return (now, false)
        }
    }

    private func ask(_ standing: UploadStanding) throws -> UploadStanding {
        guard let now = try client.uploadStanding(standing.id) else {
            throw ServerFault.unknownOutcome("\(client.host) has forgotten the upload.", retryAt: nil)
        }
        return now
    }
}
