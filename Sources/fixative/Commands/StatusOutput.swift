import API
import Core
import Foundation

/// A status as `--json` prints it: Mastodon's entity with the local side beside it.
struct StatusAnswer: Encodable {
    private struct Local: Encodable {
        var state: String
        var mine: Bool
        /// Files of its pictures on this machine, in their order; null while one is not here.
        var files: [String?]
        var previews: [String?]
    }

    private let entity: StatusEntity
    private let local: Local

    init(_ entry: LibraryEntry, _ library: any Library) {
        entity = StatusEntity(entry.status)
        local = Local(
            state: entry.state.rawValue, mine: entry.isMine,
            files: entry.status.media.map { library.file(of: $0, .original)?.path },
            previews: entry.status.media.map { library.file(of: $0, .preview)?.path })
    }

    private enum CodingKeys: String, CodingKey { case local }

    func encode(to encoder: any Encoder) throws {
        try entity.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(local, forKey: .local)
    }
}

/// Statuses for a person to read.
enum StatusText {
    static func lines(_ entry: LibraryEntry) -> String {
        let status = entry.status
        let day = status.createdAt.formatted(Date.ISO8601FormatStyle().year().month().day())
        var marks: [String] = []
        if entry.state != .synced { marks.append(entry.state.rawValue) }
        if status.sensitive { marks.append("sensitive") }
        if status.favourited { marks.append("♥") }
        if status.bookmarked { marks.append("bookmarked") }
        let title = Sanitiser.line(status.title)
        let who = Sanitiser.line(status.account.acct)
        let tail = marks.isEmpty ? "" : "  [\(marks.joined(separator: ", "))]"
        return "\(Sanitiser.line(status.id))  \(day)  @\(who)  \(title)\(tail)"
    }

    static func whole(_ entry: LibraryEntry) -> String {
        let status = entry.status
        var lines = [lines(entry), ""]
        if !status.spoilerText.isEmpty { lines.append("Warning: \(status.spoilerText)") }
        if !status.caption.isEmpty { lines += [status.caption, ""] }
        if !status.tags.isEmpty { lines.append(status.tags.map { "#\($0)" }.joined(separator: " ")) }
        for media in status.media {
            lines.append("Picture: \(media.url)")
            lines.append("Alt text: \(media.description ?? "none")")
        }
        if let provenance = status.provenance {
            let license = provenance.license ?? "all rights reserved"
            let mark = provenance.markID.map { ", mark \($0)" } ?? ""
            lines.append("Licence: \(license)\(mark)")
        }
        lines.append(
            "\(status.favouritesCount) favourites, \(status.reblogsCount) boosts, \(status.repliesCount) replies")
        if let url = status.url { lines.append(url) }
        return lines.joined(separator: "\n")
    }
}
