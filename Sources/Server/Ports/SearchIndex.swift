import Core

/// Finds posts. The adapter sees to it that a post can be found as soon as it is published.
package protocol SearchIndex: Sendable {
    /// Ids, newest first, of posts that the viewer may see.
    func statuses(matching query: SearchQuery, viewer: RecordID?, page: Page) async throws -> [RecordID]
}
