import ArgumentParser
import Core
import Foundation

/// `fixative queue changes`, `resolve`: edits and other operations that the server has not taken.
extension QueueCommand {
    struct Changes: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List edits and other changes that the server has not taken, newest first.")
        @Flag(help: "Print a JSON array.") var json = false

        func run() throws {
            let workshop = try Workshop()
            _ = try workshop.signedIn()
            let changes = try workshop.store.operations()
            if json {
                try Console.json(changes.map { ChangeAnswer($0) })
            } else if changes.isEmpty {
                Console.error("The server has taken every change.")
            } else {
                for change in changes { Console.out(ChangeAnswer(change).line) }
            }
        }
    }

    struct Resolve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decide a conflict between your edit and another.",
            discussion: """
                What only one side changed is merged already. Fields in dispute: title, caption, altText, tags, \
                sensitive, spoilerText, license. 'queue show op:N' shows all three versions.
                """)
        @Argument(help: "Id of the change, such as op:12.") var id: String
        @Flag(help: "Keep your version of every field in dispute.") var mine = false
        @Flag(help: "Take the server's version of every field in dispute.") var theirs = false
        @Option(help: "Keep your version of this field only; may be given several times.") var keep: [String] = []
        @OptionGroup var changes: DraftChanges

        func run() throws {
            let workshop = try Workshop()
            let item = try ChangeAnswer.find(id, workshop)
            guard let conflict = item.conflict else { throw UserError("There is no conflict in \(id).", .no) }
            var kept: Set<DraftField> = []
            for name in keep {
                guard let field = DraftField(rawValue: name) else {
                    throw UserError(
                        "There is no field '\(name)': \(DraftField.allCases.map(\.rawValue).joined(separator: ", ")).")
                }
                kept.insert(field)
            }
            guard [mine, theirs, !keep.isEmpty].filter(\.self).count == 1 || (!mine && !theirs && changes.isGiven)
            else {
                throw UserError("Choose --mine, --theirs or --keep FIELD, or give the text itself.")
            }
            if mine { kept = Set(DraftField.allCases) }
            let draft = try changes.applied(to: conflict.resolved(mine: kept))
            try workshop.store.resolveConflict(item.id, with: draft)
            try workshop.send("Decided")
        }
    }
}

/// A change as `--json` prints it.
struct ChangeAnswer: Encodable {
    private static let prefix = "op:"

    var id: String
    var kind: String
    var subject: String
    var state: String
    var message: String?
    var fields: [String]?
    var base: Draft?
    var mine: Draft?
    var theirs: Draft?
    var text: String?
    var attempts: Int
    var createdAt: Date

    init(_ item: OperationItem) {
        id = Self.prefix + String(item.id)
        state = item.state.rawValue
        message = item.message
        attempts = item.attempts
        createdAt = item.createdAt
        fields = item.conflict?.fields.map(\.rawValue)
        base = item.conflict?.base
        theirs = item.conflict?.theirs
        switch item.operation {
        case .favourite(let status, let isOn): (kind, subject) = (isOn ? "favourite" : "unfavourite", status)
        case .bookmark(let status, let isOn): (kind, subject) = (isOn ? "bookmark" : "unbookmark", status)
        case .boost(let status, let isOn): (kind, subject) = (isOn ? "boost" : "unboost", status)
        case .follow(let account, let isOn): (kind, subject) = (isOn ? "follow" : "unfollow", account)
        case .delete(let status): (kind, subject) = ("delete", status)
        case .edit(let status, let draft):
            (kind, subject) = ("edit", status)
            mine = draft
        case .reply(let status, let reply, _, _):
            (kind, subject) = ("reply", status)
            text = reply
        }
    }

    /// For a person to read.
    var line: String {
        var line = "\(id)  \(state)  \(kind) \(Sanitiser.line(subject, limit: 60))"
        if let fields, !fields.isEmpty { line += "  (\(fields.joined(separator: ", ")))" }
        if let message { line += "\n  \(Sanitiser.line(message))" }
        return line
    }

    /// All versions, for a person to read.
    var whole: String {
        var lines = [line]
        for name in fields ?? [] {
            guard let field = DraftField(rawValue: name) else { continue }
            lines.append("\(name):")
            for (title, draft) in [("before", base), ("yours", mine), ("on the server", theirs)] {
                guard let draft else { continue }
                lines.append("  \(title):")
                lines += Sanitiser.text(field.text(of: draft)).components(separatedBy: "\n").map { "    " + $0 }
            }
        }
        if fields == nil, let words = mine?.statusText ?? text { lines.append(Sanitiser.text(words)) }
        return lines.joined(separator: "\n")
    }

    static func number(_ id: String) -> Int64? {
        id.hasPrefix(prefix) ? Int64(id.dropFirst(prefix.count)) : nil
    }

    static func find(_ id: String, _ workshop: Workshop) throws -> OperationItem {
        _ = try workshop.signedIn()
        guard let number = number(id), let item = try workshop.store.operations().first(where: { $0.id == number })
        else {
            throw UserError("There is no change \(id): 'fixative queue changes' shows them.", .no)
        }
        return item
    }
}
