import Core
import Foundation

/// Reads everything once: the database's own check, every file against its name, files nobody needs, files missing.
struct IntegrityCheck: Sendable {
    let community: Community

    func problems() async throws -> [String] {
        var problems = try await community.database.integrityProblems().map { "Database: \($0)." }
        let needed = try await community.database.read { db in try db.referencedObjects() }
        let present = Set(try community.objects.allNames())
        for name in needed.subtracting(present).sorted() {
            problems.append("The file \(name) is missing.")
        }
        for name in present.subtracting(needed).sorted() {
            problems.append("The file \(name) belongs to nothing.")
        }
        for name in present.sorted() where try Digest.sha256(fileAt: community.objects.url(of: name)) != name {
            problems.append("The file \(name) has other contents than were stored.")
        }
        return problems
    }
}
