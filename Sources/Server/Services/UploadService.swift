import Core
import Crypto
import Foundation
import Hummingbird

/// Uploads in pieces (tus 1.0): an offset is acknowledged when its bytes are on disk, and a file becomes a picture when
/// it is complete, has its digest, and its owner may still upload.
package struct UploadService: Sendable {
    /// How long the server waits for the next piece.
    static let lifetime: TimeInterval = 7 * 86_400
    /// Unfinished uploads of one account; the oldest makes room.
    static let maximumUnfinished = 100

    let community: Community

    /// What a client wants to upload.
    package struct Request: Sendable {
        package var length: Int64
        package var clientKey: String?
        package var sha256: String?
        package var description: String?
    }

    /// Begins an upload, or finds the one that was begun under the same key with the same digest.
    func create(_ request: Request, by account: AccountRecord) async throws -> UploadRecord {
        guard request.length > 0 else { throw APIError.invalid("A file has at least one byte") }
        guard request.length <= community.configuration.maximumMediaBytes else { throw APIError.tooLarge }
        if let description = request.description { try community.media.check(description: description) }
        let record = UploadRecord(
            id: Secret.makeKey(), accountID: account.id, clientKey: request.clientKey, length: request.length,
            offset: 0, sha256: request.sha256, description: request.description,
            expiresAt: community.clock.now().addingTimeInterval(Self.lifetime))
        let (result, dropped) = try await community.database.write { db in
            try Self.begin(record, in: db)
        }
        for id in dropped { community.partials.remove(id) }
        return result
    }

    private static func begin(
        _ record: UploadRecord, in db: any WriteTransaction
    ) throws -> (UploadRecord, dropped: [String]) {
        var dropped: [String] = []
        if let key = record.clientKey, let known = try db.upload(clientKey: key, account: record.accountID) {
            let isLoose = try known.mediaID.map { try db.media($0).map { $0.statusID == nil } ?? false } ?? true
            if known.length == record.length, known.sha256 == record.sha256, known.sha256 != nil, isLoose {
                return (known, [])
            }
            try db.deleteUpload(known.id)
            dropped.append(known.id)
        }
        for old in try db.unfinishedUploads(of: record.accountID).dropLast(maximumUnfinished - 1) {
            try db.deleteUpload(old.id)
            dropped.append(old.id)
        }
        try db.insertUpload(record)
        return (record, dropped)
    }

    /// Where an upload stands. A request that still writes loses its turn, so that what is answered stays true.
    func find(_ id: String, by account: AccountRecord) async throws -> UploadRecord {
        let record = try await known(id, account)
        guard record.mediaID == nil else { return record }
        let (_, offset) = try await community.partials.file(record).take()
        return try await acknowledge(offset, of: record)
    }

    /// Takes bytes in at the offset. Whatever arrived before the connection broke is kept.
    ///
    /// - Parameter checksum: SHA-256 of the bytes of this request; with it they count as a whole or not at all.
    func append(
        _ id: String, at offset: Int64, checksum: Data?, body: RequestBody, call: Call, account: AccountRecord
    ) async throws -> UploadRecord {
        var record = try await known(id, account)
        if record.mediaID != nil { return try Self.expect(offset, record) }
        let file = try community.partials.file(record)
        let (turn, start) = try await file.take()
        record = try Self.expect(offset, try await acknowledge(start, of: record))
        do {
            try await receive(body, into: file, turn, room: record.length - start, from: start, checksum: checksum)
        } catch {
            if checksum != nil {
                try? await file.rewind(to: start, turn)
            } else if let end = try? await file.settle(turn) {
                _ = try? await acknowledge(end, of: record)
            }
            throw error
        }
        record = try await acknowledge(try await file.settle(turn), of: record)
        return record.offset == record.length ? try await complete(record, account, call) : record
    }

    func delete(_ id: String, by account: AccountRecord) async throws {
        let record = try await known(id, account)
        try await drop(record.id)
    }

    // MARK: Parts

    private func known(_ id: String, _ account: AccountRecord) async throws -> UploadRecord {
        let now = community.clock.now()
        let record = try await community.database.read { db in try db.upload(id) }
        guard let record, record.accountID == account.id, record.expiresAt > now else { throw APIError.notFound }
        return record
    }

    private static func expect(_ offset: Int64, _ record: UploadRecord) throws -> UploadRecord {
        guard offset == record.offset else {
            var error = APIError(.conflict, "The upload stands at another offset")
            error.headers = UploadRoutes.headers(record)
            throw error
        }
        return record
    }

    private func receive(
        _ body: RequestBody, into file: PartialFile, _ turn: UInt64, room: Int64, from start: Int64, checksum: Data?
    ) async throws {
        let began = ContinuousClock.now
        var left = room
        var hash = SHA256()
        for try await piece in body {
            let bytes = Array(piece.readableBytesView)
            left -= Int64(bytes.count)
            guard left >= 0 else { throw APIError.tooLarge }
            guard (ContinuousClock.now - began) / .seconds(1) <= community.configuration.bodySeconds else {
                throw APIError(.requestTimeout, "The body came too slowly")
            }
            if checksum != nil { hash.update(data: bytes) }
            try await file.append(bytes, turn)
        }
        if let checksum, Data(hash.finalize()) != checksum {
            throw APIError(.init(code: 460, reasonPhrase: "Checksum Mismatch"), "The bytes have another checksum")
        }
    }

    private func acknowledge(_ offset: Int64, of record: UploadRecord) async throws -> UploadRecord {
        guard offset > record.offset else { return record }
        var record = record
        record.offset = offset
        record.expiresAt = max(record.expiresAt, community.clock.now().addingTimeInterval(Self.lifetime))
        try await community.database.write { [record] db in
            try db.advanceUpload(record.id, to: record.offset, expiresAt: record.expiresAt)
        }
        return record
    }

    /// Makes a picture of a complete file: once, however often the last piece comes.
    private func complete(_ record: UploadRecord, _ account: AccountRecord, _ call: Call) async throws -> UploadRecord {
        let file = community.partials.url(record.id)
        if let promised = record.sha256 {
            let found = try await community.workers.run { try Digest.sha256(fileAt: file) }
            guard found == promised else {
                try await drop(record.id)
                throw APIError.invalid("The file does not have the digest that was promised")
            }
        }
        let token = call.context.session?.token.hash ?? ""
        // The store takes files over; a second name keeps this one until the row says that it is not needed.
        let copy = try community.objects.makeTemporaryFile()
        try FileManager.default.removeItem(at: copy)
        try FileManager.default.linkItem(at: file, to: copy)
        let media: MediaRecord
        do {
            media = try await community.media.upload(copy, by: account, description: record.description) { db in
                // The request may have taken hours, and rights may have gone meanwhile.
                guard let session = try db.token(hash: token), session.accountID == record.accountID,
                    session.scopes.allow("write:media")
                else { throw APIError.invalidToken }
                guard let now = try db.upload(record.id) else { throw APIError.notFound }
                return try now.mediaID.flatMap { try db.media($0) }
            } finish: { db, media in
                try db.finishUpload(record.id, media: media.id)
            }
        } catch let error as UserError {
            // Not a picture, or too large a one: more pieces do not help.
            try await drop(record.id)
            throw APIError.invalid(error.message)
        }
        community.partials.remove(record.id)
        var done = record
        done.mediaID = media.id
        return done
    }

    private func drop(_ id: String) async throws {
        try await community.database.write { db in try db.deleteUpload(id) }
        community.partials.remove(id)
    }
}

extension Community {
    /// Removes uploads that nobody went on with, and files that no row knows.
    package func expireUploads() async throws {
        let now = clock.now()
        let expired = try await database.write { db in
            let found = try db.expiredUploads(at: now)
            for upload in found { try db.deleteUpload(upload.id) }
            return found.map(\.id)
        }
        for id in expired { partials.remove(id) }
        for name in try partials.names() {
            let isKnown = try await database.read { db in try db.upload(name).map { $0.mediaID == nil } ?? false }
            if !isKnown { partials.remove(name) }
        }
    }
}
