import Core
import Foundation
import Store

/// The server still works on the uploaded picture; nothing failed.
private struct NotYet: Error {
    var until: Date
}

/// Moves one claimed item on, step by step, until it rests or has to wait. Every step is one durable row change; what
/// is done before the row changes can be done again.
struct ItemDriver {
    let context: PublishContext
    /// Asked once a round, and only when a step needs to know.
    let capabilities: () throws -> Capabilities
    /// Set when the network is known to be of no use now: steps that need it wait.
    let block: () -> NetworkBlock?

    private var vault: Vault { context.vault }
    private var client: MastodonClient { context.client }

    /// An upload is forgotten by servers after a day; it is made again before that.
    static let uploadLife: TimeInterval = 20 * 3600

    /// - Returns: what blocks the network, where that was found out.
    func drive(_ first: Work) throws -> NetworkBlock? {
        var work = first
        do {
            while !work.item.state.isResting {
                if work.item.state != .protecting, block() != nil || context.isStopping() || isEarly(work) {
                    try vault.release(work.claim)
                    return nil
                }
                let next = try step(work)
                if next.item.state != work.item.state { context.report(.item(next.item)) }
                work = next
            }
            vault.setProgress(work.item.id, nil)
            return nil
        } catch let fault as ServerFault {
            return try settle(fault, of: work)
        } catch let wait as NotYet {
            try vault.release(work.claim) { change in
                change.nextAttempt = wait.until
                change.facts.outcomeUnknown = false
            }
            return nil
        } catch is CancellationError {
            try vault.release(work.claim)
            return nil
        } catch let fault as StoreFault {
            vault.setProgress(work.item.id, nil)
            // The artist changed the item, or another worker has it: it is in good hands.
            if case .staleClaim = fault { return nil }
            throw fault
        }
    }

    /// Scheduled for later: protected by now, and kept on this machine.
    private func isEarly(_ work: Work) -> Bool {
        guard let date = work.item.draft.publishAt, !work.facts.outcomeUnknown, !work.item.cancelRequested else {
            return false
        }
        return date > context.clock.now()
    }

    private func step(_ work: Work) throws -> Work {
        switch work.item.state {
        case .protecting: try protect(work)
        case .protected: try vault.advance(work.claim, to: .uploading)
        case .uploading: try upload(work)
        case .uploaded: try startPublishing(work)
        case .publishing: try publish(work)
        case .draft, .published, .needsAttention, .conflict, .cancelled: work
        }
    }

    // MARK: Protecting

    private func protect(_ work: Work) throws -> Work {
        let item = work.item
        let request = ProtectionRequest(
            recipe: item.draft.recipe, payload: item.markID,
            rights: Self.rights(item.draft, by: context.account, at: item.createdAt))
        do {
            let image = try vault.withOriginal(work.claim) { original in
                try context.protection.protect(original, request) { [context] value in
                    context.vault.setProgress(item.id, value)
                    return !context.isStopping()
                }
            }
            vault.setProgress(item.id, nil)
            return try vault.storeBlob(image, for: work.claim)
        } catch StoreFault.damagedFile {
            return try park(
                work, .unreadableFile, "The copy of \(item.fileName) in the vault is damaged: add it again.")
        } catch let error as UserError {
            return try park(work, error.status == .unavailable ? .diskFull : .protectionFailed, error.message)
        }
    }

    /// What the picture says about the rights in it.
    private static func rights(_ draft: Draft, by account: Account, at date: Date) -> RightsStatement {
        let name = account.displayName.isEmpty ? account.username : account.displayName
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        let creator = Sanitiser.line(name, limit: 200)
        return RightsStatement(
            creator: creator, notice: "© \(calendar.component(.year, from: date)) \(creator)", license: draft.license)
    }

    // MARK: Uploading

    private func upload(_ work: Work) throws -> Work {
        let blob: UploadableBlob
        do {
            blob = try vault.openBlob(work.item)
        } catch StoreFault.damagedFile {
            _ = try vault.protectAgain(work.claim)
            // Later, and not for ever: the disk may be failing.
            throw ServerFault.unknownOutcome(
                "The protected picture was damaged on disk and is made again.", retryAt: nil)
        }
        if let limit = try capabilities().imageSizeLimit, limit > 0, blob.bytes > limit {
            throw ServerFault.tooLarge("The picture has \(blob.bytes) bytes; \(client.host) accepts \(limit).")
        }
        let media = try sendPicture(work, blob)
        vault.setProgress(work.item.id, nil)
        return try vault.advance(work.claim, to: .uploaded) { change in
            change.facts.mediaID = media
            change.facts.mediaUploadedAt = context.clock.now()
            change.facts.uploadID = nil
            change.facts.uploadedAlt = work.item.draft.altText
            change.nextAttempt = nil
        }
    }

    /// In pieces where the server can go on with them and the picture is worth it. Returns the media id.
    private func sendPicture(_ work: Work, _ blob: UploadableBlob) throws -> String {
        let id = work.item.id
        let progress: @Sendable (Double) -> Bool = { [context] value in
            context.vault.setProgress(id, value)
            return !context.isStopping()
        }
        let alt = work.item.draft.altText
        if try capabilities().hasSyncExtension, blob.bytes > ResumableUpload.singleRequestBytes {
            var hasGained = false
            defer {
                // A connection that breaks again and again but brings the picture further each time is no failure.
                if hasGained { _ = try? vault.note(work.claim) { $0.attempts = 0 } }
            }
            let upload = ResumableUpload(client: client, blob: blob, key: "\(id)", description: alt)
            let media = try upload.run(known: work.facts.uploadID) { name in
                _ = try vault.note(work.claim) { $0.facts.uploadID = name }
            } gained: {
                hasGained = true
            } progress: {
                progress($0)
            }
            if let media { return media }
        }
        return try client.upload(blob, description: alt, progress: progress)
    }

    // MARK: Publishing

    private func startPublishing(_ work: Work) throws -> Work {
        let age = work.facts.mediaUploadedAt.map { context.clock.now().timeIntervalSince($0) } ?? .infinity
        guard work.facts.mediaID != nil, (0..<Self.uploadLife).contains(age) else { return try uploadAgain(work) }
        let alt = work.item.draft.altText
        if let media = work.facts.mediaID, let sent = work.facts.uploadedAlt, sent != alt {
            try client.describe(media, alt)
            _ = try vault.note(work.claim) { $0.facts.uploadedAlt = alt }
        }
        let baseline = try baseline(work)
        // From this row on the request may have been sent, whatever happens to this program.
        let sending = try vault.advance(work.claim, to: .publishing) { change in
            change.facts.outcomeUnknown = true
            change.facts.baseline = baseline
        }
        return try send(sending)
    }

    /// Where the account's statuses stand before the first request, on servers that know no client ids.
    private func baseline(_ work: Work) throws -> String? {
        if try capabilities().hasSyncExtension { return nil }
        return try work.facts.baseline ?? client.newestOwnID(context.account.id)
    }

    /// Goes on with a publication that was begun before.
    private func publish(_ work: Work) throws -> Work {
        guard work.facts.outcomeUnknown else {
            if work.item.cancelRequested { return try vault.advance(work.claim, to: .cancelled) }
            let baseline = try baseline(work)
            return try send(
                try vault.note(work.claim) { change in
                    change.facts.outcomeUnknown = true
                    change.facts.baseline = baseline
                })
        }
        switch try recall(work) {
        case .published(let status): return try finish(work, status)
        case .deleted: return work.item.cancelRequested ? try cancel(work) : try parkDeleted(work)
        case .absent:
            guard work.item.cancelRequested else { return try send(work) }
            // The network may still hold the request: when it comes, the server must not take it any more.
            try withdraw(work)
            return try cancel(work)
        }
    }

    /// Sends the publication. The row says already that its outcome is unknown.
    private func send(_ work: Work) throws -> Work {
        guard let media = work.facts.mediaID else { return try uploadAgain(work) }
        let known = try capabilities()
        let payload = StatusPayload(publishing: work.item, mediaID: media, capabilities: known)
        do {
            let key = known.idempotency == .refusesSecondUse ? nil : work.item.id
            let made = try client.publish(payload, key: key)
            // What it says must be this piece: proxies have mixed up answers.
            let isOurs =
                known.hasSyncExtension
                ? made.provenance?.clientID == work.item.id : made.media.contains { $0.id == media }
            guard isOurs else {
                throw ServerFault.unknownOutcome("\(client.host) answered for another piece.", retryAt: nil)
            }
            return try finish(work, made)
        } catch ServerFault.refused(let status, let message) {
            return try explain(work, media: media, status: status, message)
        }
    }

    /// A refusal may hide a success: of an earlier request that came late, or whose answer was lost.
    private func explain(_ work: Work, media: String, status: Int, _ message: String) throws -> Work {
        switch try recall(work) {
        case .published(let status): return try finish(work, status)
        case .deleted: return try parkDeleted(work)
        case .absent: break
        }
        if status == 404 || status == 422 {
            switch try client.isMediaReady(media) {
            case nil:
                _ = try uploadAgain(work)
                throw ServerFault.unknownOutcome(message, retryAt: nil)
            case false?:
                throw NotYet(until: context.clock.now().addingTimeInterval(2))
            case true?: break
            }
        }
        return try park(work, .refused, message)
    }

    private func cancel(_ work: Work) throws -> Work {
        try vault.advance(work.claim, to: .cancelled) { $0.facts.outcomeUnknown = false }
    }

    /// Makes the server refuse a publication that has not come yet: by its client id, else by taking away the picture
    /// without which it cannot be made.
    private func withdraw(_ work: Work) throws {
        if try capabilities().hasSyncExtension { return try client.withdraw(work.item.id) }
        if let media = work.facts.mediaID { try client.deleteMedia(media) }
    }

    private func recall(_ work: Work) throws -> Recollection {
        if try capabilities().hasSyncExtension { return try client.recall(work.item.id) }
        guard let media = work.facts.mediaID else { return .absent }
        // Without a baseline, from a program of yesterday, all statuses are looked through.
        return try client.recall(
            mediaID: media, accountID: context.account.id, above: work.facts.baseline ?? "")
    }

    /// The cache first: should we stop in between, the piece is shown once, and the row is finished next time.
    private func finish(_ work: Work, _ status: Status) throws -> Work {
        var shown = status
        var provenance = status.provenance ?? StatusProvenance()
        provenance.clientID = work.item.id
        shown.provenance = provenance
        try context.store.cache.put([shown], inHome: true)
        _ = try vault.publish(
            work.claim, statusID: status.id, statusURL: status.url, server: context.store.signedIn.server)
        context.report(.published(work.item.id, statusID: status.id, url: status.url))
        var done = work
        done.item = try vault.item(work.item.id) ?? work.item
        return done
    }

    private func uploadAgain(_ work: Work) throws -> Work {
        try vault.advance(work.claim, to: .uploading) { change in
            change.facts.forgetUpload()
        }
    }

    private func parkDeleted(_ work: Work) throws -> Work {
        try park(work, .gone, "This piece was published and then deleted on the server: cancel it, or add it anew.")
    }

    /// Leaves an item to the artist; nothing of it is in doubt.
    private func park(_ work: Work, _ kind: AttentionReason.Kind, _ message: String) throws -> Work {
        try vault.advance(work.claim, to: .needsAttention) { change in
            change.attention = AttentionReason(kind: kind, message: message)
            change.facts.outcomeUnknown = false
        }
    }

    // MARK: Faults

    private func settle(_ fault: ServerFault, of work: Work) throws -> NetworkBlock? {
        let now = context.clock.now()
        vault.setProgress(work.item.id, nil)
        // The row as it is now: the fault may have come after a step.
        guard let state = try vault.item(work.item.id)?.state, !state.isResting else { return nil }
        let wasSending = state == .publishing
        var fault = fault
        if case .noAnswer(let message) = fault {
            // We broke it off ourselves: nothing failed, and what is unknown stays unknown.
            if context.isStopping() {
                try vault.release(work.claim)
                return nil
            }
            fault = .unknownOutcome(message, retryAt: nil)
            // A network that lets nothing through is no fault of the server's, and no attempt.
            if !client.answers() {
                try vault.release(work.claim)
                return .offline(message)
            }
        }
        do {
            switch fault {
            case .noAnswer: break
            case .offline(let message):
                // Whatever was unknown before stays unknown; what was begun just now was not sent.
                try vault.release(work.claim) { change in
                    if work.item.state != .publishing { change.facts.outcomeUnknown = false }
                }
                return .offline(message)
            case .unauthorized(let message):
                try vault.release(work.claim) { change in
                    if work.item.state != .publishing { change.facts.outcomeUnknown = false }
                }
                return .needsLogin(message)
            case .rateLimited(let date):
                try vault.release(work.claim) { $0.nextAttempt = date }
                return .paused(until: date)
            case .unknownOutcome(let message, let retryAt):
                context.report(.problem(message))
                return try postpone(work, message, retryAt: retryAt, now: now)
            case .tooLarge(let message):
                _ = try park(work, .tooLarge, message)
            case .refused(_, let message), .changedMeanwhile(let message):
                // A refusal of a question about the outcome leaves it unknown.
                _ = try vault.advance(work.claim, to: .needsAttention) { change in
                    change.attention = AttentionReason(kind: .refused, message: message)
                    if !wasSending { change.facts.outcomeUnknown = false }
                }
            }
        } catch StoreFault.staleClaim {
            return nil
        }
        if let item = try vault.item(work.item.id) { context.report(.item(item)) }
        return nil
    }

    private func postpone(_ work: Work, _ message: String, retryAt: Date?, now: Date) throws -> NetworkBlock? {
        let attempts = (try vault.item(work.item.id)?.attempts ?? work.item.attempts) + 1
        if attempts >= Backoff.maximumAttempts {
            let parked = try vault.advance(work.claim, to: .needsAttention) { change in
                change.attempts = attempts
                change.attention = AttentionReason(
                    kind: .tooManyAttempts, message: "\(attempts) tries failed, the last with: \(message)")
            }
            context.report(.item(parked.item))
            return nil
        }
        let next = now.addingTimeInterval(context.backoff.delay(after: attempts))
        try vault.release(work.claim) { change in
            change.attempts = attempts
            change.nextAttempt = max(next, retryAt ?? next)
        }
        return nil
    }
}
