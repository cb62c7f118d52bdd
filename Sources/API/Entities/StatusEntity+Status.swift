import Core

extension AccountEntity {
    /// Back to the wire form, for the command line's JSON.
    public init(_ account: Account) {
        self.init(
            id: account.id, username: account.username, acct: account.acct, displayName: account.displayName,
            createdAt: account.createdAt, note: HTMLText.paragraphs(account.note), url: account.url,
            avatar: account.avatarURL ?? "", followersCount: account.followersCount,
            followingCount: account.followingCount, statusesCount: account.statusesCount)
    }
}

extension MediaEntity {
    public init(_ media: MediaAttachment) {
        let original = media.width.flatMap { width in media.height.map { Size(width: width, height: $0) } }
        self.init(
            id: media.id, type: media.kind.rawValue, url: media.url, previewURL: media.previewURL,
            meta: original.map { Meta(original: $0, small: nil) }, description: media.description,
            blurhash: media.blurhash)
    }
}

extension StatusEntity {
    /// Back to the wire form, for the command line's JSON.
    public init(_ status: Status) {
        self.init(
            id: status.id, uri: status.uri, url: status.url, createdAt: status.createdAt, editedAt: status.editedAt,
            account: AccountEntity(status.account), content: HTMLText.paragraphs(status.text),
            visibility: status.visibility.rawValue, sensitive: status.sensitive, spoilerText: status.spoilerText,
            language: status.language, inReplyToID: status.inReplyToID, inReplyToAccountID: nil,
            mediaAttachments: status.media.map { MediaEntity($0) }, tags: status.tags.map { Tag(name: $0, url: "") },
            repliesCount: status.repliesCount, reblogsCount: status.reblogsCount,
            favouritesCount: status.favouritesCount, favourited: status.favourited, reblogged: status.reblogged,
            bookmarked: status.bookmarked,
            fixative: status.provenance.map { piece in
                Extension(
                    clientID: piece.clientID?.description, markID: piece.markID?.description, license: piece.license,
                    recipe: piece.recipe, revision: piece.revision)
            })
    }
}
