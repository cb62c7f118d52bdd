import Core
import Foundation

/// Uploads: looked at, kept byte for byte, shown under names that nobody guesses.
package struct MediaService: Sendable {
    let community: Community

    /// Takes the file over, whatever happens.
    ///
    /// - Parameters:
    ///   - earlier: asked in the transaction of the row: what was made of the file before, if anything.
    ///   - finish: what else belongs into that transaction.
    package func upload(
        _ file: URL, by account: AccountRecord, description: String?, focus: (x: Double, y: Double) = (0, 0),
        at date: Date? = nil,
        earlier: @escaping @Sendable (any WriteTransaction) throws -> MediaRecord? = { _ in nil },
        finish: @escaping @Sendable (any WriteTransaction, MediaRecord) throws -> Void = { _, _ in }
    ) async throws -> MediaRecord {
        defer { try? FileManager.default.removeItem(at: file) }
        if let description { try check(description: description) }
        let stored = try await store(file)
        let record = MediaRecord(
            id: 0, accountID: account.id, statusID: nil, key: Secret.makeKey(), object: stored.object,
            format: stored.image.format, bytes: stored.bytes, width: stored.image.width, height: stored.image.height,
            previewObject: stored.previewObject, previewFormat: stored.image.previewFormat,
            previewWidth: stored.image.previewWidth, previewHeight: stored.image.previewHeight,
            blurhash: stored.image.blurhash, description: description.map(PlainText.clean), focusX: focus.x,
            focusY: focus.y, createdAt: date ?? community.clock.now())
        let objects = community.objects
        let now = community.clock.now()
        let saved = try await community.database.write { db in
            // A sweep removes objects in a write transaction too: what is here now cannot vanish any more.
            guard objects.exists(record.object), objects.exists(record.previewObject) else {
                return nil as MediaRecord?
            }
            if let known = try earlier(db) { return known }
            let made = try db.insertMedia(record, looseSince: now)
            try finish(db, made)
            return made
        }
        guard let saved else {
            throw APIError(.serviceUnavailable, "The upload met a cleaning of the store", "Send it again.")
        }
        try await community.jobs.enqueue(.sweepMedia, at: community.clock.now().addingTimeInterval(90_000))
        return saved
    }

    /// A picture for a profile. Takes the file over.
    func profilePicture(_ file: URL) async throws -> ProfilePicture {
        defer { try? FileManager.default.removeItem(at: file) }
        let workshop = community.workshop
        let objects = community.objects
        let (format, object) = try await community.workers.run {
            (try workshop.inspect(file).format, try objects.put(fileAt: file))
        }
        try await community.jobs.enqueue(.sweepMedia, at: community.clock.now().addingTimeInterval(90_000))
        return ProfilePicture(key: Secret.makeKey(), object: object, format: format.rawValue)
    }

    private struct Stored: Sendable {
        var image: InspectedImage
        var bytes: Int
        var object: String
        var previewObject: String
    }

    private func store(_ file: URL) async throws -> Stored {
        let workshop = community.workshop
        let objects = community.objects
        return try await community.workers.run {
            let image = try workshop.inspect(file)
            let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? NSNumber
            return Stored(
                image: image, bytes: size?.intValue ?? 0, object: try objects.put(fileAt: file),
                previewObject: try objects.put(image.preview))
        }
    }

    func check(description: String) throws {
        guard description.count <= community.configuration.maximumDescription,
            description.unicodeScalars.count <= community.configuration.maximumDescription * 8
        else {
            throw APIError.invalid(
                "Description is longer than \(community.configuration.maximumDescription) characters")
        }
    }

    func update(
        _ id: RecordID, by account: AccountRecord, description: String?, focus: (x: Double, y: Double)?
    ) async throws -> MediaRecord {
        if let description { try check(description: description) }
        return try await community.database.write { db in
            guard var media = try db.media(id), media.accountID == account.id else { throw APIError.notFound }
            media.description = description.map(PlainText.clean) ?? media.description
            media.focusX = focus?.x ?? media.focusX
            media.focusY = focus?.y ?? media.focusY
            try db.updateMedia(media)
            return media
        }
    }

    /// Only what hangs on nothing.
    func delete(_ id: RecordID, by account: AccountRecord) async throws {
        try await community.database.write { db in
            guard let media = try db.media(id), media.accountID == account.id else { throw APIError.notFound }
            guard media.statusID == nil else { throw APIError.invalid("The picture belongs to a post") }
            try db.deleteMedia(id)
        }
        try await community.jobs.enqueue(.sweepMedia, at: community.clock.now())
    }
}
