import Core

/// Words of the changes that wait and of the conflicts among them.
package enum ChangeText: TextKey {
    case changes, toDecide, none, forget, decided, conflict, explain
    case waiting, refused, inConflict
    case before, yours, theirs, keepsMine, keepsTheirs
    case favourite, unfavourite, bookmark, unbookmark, boost, unboost, follow, unfollow, delete, edit, reply
    case title, caption, altText, tags, sensitive, warning, license
    case scheduled, software, plain

    package var phrase: Phrase {
        switch self {
        case .changes: Phrase("Changes", "改动")
        case .toDecide: Phrase("{0} need you", "{0} 项需要处理")
        case .none: Phrase("The server has taken every change.", "服务器已接受所有改动。")
        case .forget: Phrase("Forget this change ({0})?", "放弃这项改动（{0}）吗？")
        case .decided: Phrase("Decided: your version is sent.", "已决定：将发送你的版本。")
        case .conflict: Phrase("Conflict", "冲突")
        case .explain:
            Phrase(
                "The piece was changed elsewhere in the same place. m keeps yours, o the other; ^S sends.",
                "作品的同一处也在别处被修改。m 保留你的，o 采用对方的，^S 发送。")
        case .waiting: Phrase("waiting", "等待中")
        case .refused: Phrase("refused", "被拒绝")
        case .inConflict: Phrase("conflict", "有冲突")
        case .before: Phrase("Before", "原来")
        case .yours: Phrase("Yours", "你的")
        case .theirs: Phrase("On the server", "服务器上")
        case .keepsMine: Phrase("→ yours", "→ 你的")
        case .keepsTheirs: Phrase("→ the server's", "→ 服务器的")
        case .favourite: Phrase("favourite", "喜欢")
        case .unfavourite: Phrase("no favourite", "取消喜欢")
        case .bookmark: Phrase("bookmark", "加书签")
        case .unbookmark: Phrase("no bookmark", "移出书签")
        case .boost: Phrase("boost", "转发")
        case .unboost: Phrase("no boost", "取消转发")
        case .follow: Phrase("follow", "关注")
        case .unfollow: Phrase("unfollow", "取消关注")
        case .delete: Phrase("delete", "删除")
        case .edit: Phrase("edit", "修改")
        case .reply: Phrase("reply", "回复")
        case .title: Phrase("Title", "标题")
        case .caption: Phrase("Caption", "说明")
        case .altText: Phrase("Description", "画面说明")
        case .tags: Phrase("Tags", "标签")
        case .sensitive: Phrase("Sensitive", "敏感内容")
        case .warning: Phrase("Warning", "警告")
        case .license: Phrase("Licence", "许可")
        case .scheduled: Phrase("not before {0}", "不早于 {0}")
        case .software: Phrase("Server software", "服务器软件")
        case .plain:
            Phrase(
                "This server does not tell of edits and deletions: they are noticed by looking again, the newest first.",
                "此服务器不通知修改和删除：程序会重新查看来发现，最新的优先。")
        }
    }

    static func field(_ field: DraftField) -> ChangeText {
        switch field {
        case .title: .title
        case .caption: .caption
        case .altText: .altText
        case .tags: .tags
        case .sensitive: .sensitive
        case .spoilerText: .warning
        case .license: .license
        }
    }

    static func state(_ state: OperationItem.State) -> ChangeText {
        switch state {
        case .waiting: .waiting
        case .refused: .refused
        case .conflict: .inConflict
        }
    }

    @MainActor static func kind(_ operation: PendingOperation, _ app: App) -> String {
        let key: ChangeText =
            switch operation {
            case .favourite(_, let isOn): isOn ? .favourite : .unfavourite
            case .bookmark(_, let isOn): isOn ? .bookmark : .unbookmark
            case .boost(_, let isOn): isOn ? .boost : .unboost
            case .follow(_, let isOn): isOn ? .follow : .unfollow
            case .delete: .delete
            case .edit: .edit
            case .reply: .reply
            }
        return app.text(key)
    }

    /// What it is about, by a name that people know.
    @MainActor static func subject(_ item: OperationItem, _ app: App) -> String {
        let library = app.session?.library
        switch item.operation {
        case .edit(_, let draft): return Sanitiser.line(draft.title, limit: 120)
        case .reply(_, let text, _, _): return Sanitiser.line(text, limit: 120)
        case .follow(let id, _):
            return "@" + Sanitiser.line((try? library?.account(id))??.acct ?? id, limit: 80)
        case .favourite(let id, _), .bookmark(let id, _), .boost(let id, _), .delete(let id):
            return Sanitiser.line((try? library?.entry(id))??.status.title ?? id, limit: 120)
        }
    }
}
