import Core

/// Words of timelines, the viewer and artists' pages.
package enum PictureText: TextKey {
    case empty, emptyHome, emptySearch, by, pending, queuedState, sensitive, sensitiveAlt, sensitiveNoAlt, revealKey
    case altText, noAltText, provenance, provenanceNone, mark, license, recipe, likes, size, zoom, boosts
    case pictures, followers, following, found, favourited, bookmarked, untitled, edited, count, liked, noLibrary
    case notMine, noSensitive, alreadyFit

    package var phrase: Phrase {
        switch self {
        case .empty: Phrase("Nothing here yet.", "这里还没有内容。")
        case .emptyHome:
            Phrase(
                "Nothing here yet. p publishes your first picture, 2 shows the community.",
                "这里还没有内容。按 p 发布第一幅作品，按 2 看社区。")
        case .emptySearch: Phrase("Nothing found. / searches again.", "没有找到。按 / 重新搜索。")
        case .by: Phrase("by {0}", "{0}")
        case .pending: Phrase("waiting to be sent", "等待发送")
        case .queuedState: Phrase("queued", "排队中")
        case .sensitive: Phrase("Sensitive", "敏感内容")
        case .sensitiveAlt: Phrase("It shows: {0}", "画面内容：{0}")
        case .sensitiveNoAlt: Phrase("The artist wrote no description.", "作者没有写说明。")
        case .revealKey: Phrase("s reveals the picture", "按 s 显示图片")
        case .altText: Phrase("Description", "画面说明")
        case .noAltText: Phrase("none", "无")
        case .provenance: Phrase("Provenance", "来源")
        case .provenanceNone: Phrase("this server keeps none", "此服务器不保存来源信息")
        case .mark: Phrase("mark {0}", "标记 {0}")
        case .license: Phrase("licence {0}", "许可 {0}")
        case .recipe: Phrase("recipe {0}", "方案 {0}")
        case .likes: Phrase("♥ {0}", "♥ {0}")
        case .size: Phrase("{0}×{1} pixels", "{0}×{1} 像素")
        case .zoom: Phrase("zoom {0}×", "放大 {0} 倍")
        case .boosts: Phrase("↻ {0}", "↻ {0}")
        case .pictures: Phrase("{0} pictures", "{0} 幅作品")
        case .followers: Phrase("{0} followers", "{0} 位关注者")
        case .following: Phrase("follows {0}", "关注 {0} 人")
        case .found: Phrase("{0} found", "找到 {0} 项")
        case .favourited: Phrase("Favourite; it is sent when the network allows.", "已喜欢，联网后发送。")
        case .bookmarked: Phrase("Bookmarked; it is sent when the network allows.", "已加入书签，联网后发送。")
        case .untitled: Phrase("untitled", "无题")
        case .edited: Phrase("edited", "已编辑")
        case .count: Phrase("{0}/{1}", "{0}/{1}")
        case .liked: Phrase("taken back", "已取消")
        case .noLibrary: Phrase("The store cannot be read: {0}", "无法读取本地数据：{0}")
        case .notMine: Phrase("This picture only exists in your queue so far.", "这幅作品目前只在你的队列里。")
        case .noSensitive: Phrase("This picture is not marked as sensitive.", "这幅作品没有标为敏感。")
        case .alreadyFit: Phrase("The whole picture is shown already.", "已经显示整幅图片。")
        }
    }
}
