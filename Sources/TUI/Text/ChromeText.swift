import Core

/// Words of the frame around the screens.
package enum ChromeText: TextKey {
    case home, local, bookmarks, favourites, tag, queue, jobs, errors, about, search, publish, protect, viewer, welcome
    case artist, help, keys, keySheetHead
    case contextTimeline, contextViewer, contextAccount, contextQueue, contextJobs, contextList, contextForm
    case contextWizard, contextChanges, contextConflict
    case tooSmall, offline, queued, queuedOffline, syncing, publishing, needsLogin, signedOut, onlyProtect
    case atStart, helpHint, helpSearch, helpNothing, helpKeys, notHere, noSession, unknownCommand
    case confirmKeys, quitQuestion, leaveQuestion, nothingSelected, pressForDetails, noErrors, jobsRunning
    case promptTag, promptCommand, promptSearch, searchExamples, loading, noPicture, notYetHere
    case minutes, hours, days, now, cancelled, started, done, failed, editorFailed

    package var phrase: Phrase {
        switch self {
        case .home: Phrase("Home", "主页")
        case .local: Phrase("Community", "社区")
        case .bookmarks: Phrase("Bookmarks", "书签")
        case .favourites: Phrase("Favourites", "喜欢")
        case .tag: Phrase("#{0}", "#{0}")
        case .queue: Phrase("Queue", "队列")
        case .jobs: Phrase("Jobs", "任务")
        case .errors: Phrase("Errors", "错误")
        case .about: Phrase("About", "关于")
        case .search: Phrase("Search: {0}", "搜索：{0}")
        case .publish: Phrase("Publish", "发布")
        case .protect: Phrase("Protect a file", "保护文件")
        case .viewer: Phrase("Picture", "作品")
        case .welcome: Phrase("Welcome", "欢迎")
        case .artist: Phrase("Artist", "作者")
        case .help: Phrase("Help", "帮助")
        case .keys: Phrase("Keys", "按键")
        case .keySheetHead: Phrase("| keys | command | what it does |", "| 按键 | 命令 | 作用 |")
        case .contextTimeline: Phrase("Timelines", "时间线")
        case .contextViewer: Phrase("Viewer", "查看器")
        case .contextAccount: Phrase("Artist's page", "作者主页")
        case .contextQueue: Phrase("Queue", "队列")
        case .contextJobs: Phrase("Jobs", "任务")
        case .contextList: Phrase("Other lists", "其他列表")
        case .contextChanges: Phrase("Changes", "改动")
        case .contextConflict: Phrase("Conflicts", "冲突")
        case .contextForm: Phrase("Forms", "表单")
        case .contextWizard: Phrase("First steps", "初次使用")
        case .tooSmall: Phrase("The window is too small: {0}×{1}, at least 40×12.", "窗口太小：{0}×{1}，至少 40×12。")
        case .offline: Phrase("offline", "离线")
        case .queued: Phrase("{0} queued", "{0} 项排队")
        case .queuedOffline: Phrase("offline · {0} queued", "离线 · {0} 项排队")
        case .syncing: Phrase("syncing", "同步中")
        case .publishing: Phrase("publishing · {0}", "发布中 · {0}")
        case .needsLogin: Phrase("login needed", "需要登录")
        case .signedOut: Phrase("not logged in", "未登录")
        case .onlyProtect: Phrase("no account", "无账号")
        case .atStart: Phrase("this is the first screen: Q leaves", "这是第一个界面，按 Q 退出")
        case .helpHint: Phrase("help", "帮助")
        case .helpSearch: Phrase("Type to search, Enter runs the command, Esc closes", "输入以搜索，回车执行，Esc 关闭")
        case .helpNothing: Phrase("No command like that.", "没有这样的命令。")
        case .helpKeys: Phrase("Commands here", "此处的命令")
        case .notHere: Phrase("{0} does nothing here; ? shows what does.", "{0} 在这里没有作用，按 ? 查看可用命令。")
        case .noSession: Phrase("This needs an account: L logs in.", "这需要账号：按 L 登录。")
        case .unknownCommand: Phrase("No command “{0}”; ? shows all of them.", "没有命令“{0}”，按 ? 查看全部。")
        case .confirmKeys: Phrase("y yes   n no", "y 是   n 否")
        case .quitQuestion:
            Phrase("{0} still under way. Leave? Queued work goes on next time.", "还有 {0} 进行中。退出吗？排队的工作下次继续。")
        case .leaveQuestion: Phrase("Throw away what you typed?", "放弃已输入的内容吗？")
        case .nothingSelected: Phrase("Nothing is selected.", "没有选中任何内容。")
        case .pressForDetails: Phrase("{0}  (e: details)", "{0}（e：详情）")
        case .noErrors: Phrase("No errors so far.", "目前没有错误。")
        case .jobsRunning: Phrase("{0} jobs", "{0} 个任务")
        case .promptTag: Phrase("Tag: #", "标签：#")
        case .promptCommand: Phrase(":", ":")
        case .promptSearch: Phrase("Search: ", "搜索：")
        case .searchExamples:
            Phrase(
                "words  \"a phrase\"  water*  tag:ink  by:mei  has:alt  OR  ( )",
                "词语  \"短语\"  water*  tag:水墨  by:mei  has:alt  OR  ( )")
        case .loading: Phrase("loading…", "加载中…")
        case .noPicture: Phrase("no picture", "没有图片")
        case .notYetHere: Phrase("not fetched yet", "尚未获取")
        case .minutes: Phrase("{0}m", "{0}分钟")
        case .hours: Phrase("{0}h", "{0}小时")
        case .days: Phrase("{0}d", "{0}天")
        case .now: Phrase("now", "刚刚")
        case .cancelled: Phrase("Cancelled.", "已取消。")
        case .started: Phrase("Asked for a synchronisation.", "已请求同步。")
        case .done: Phrase("done", "完成")
        case .failed: Phrase("failed", "失败")
        case .editorFailed: Phrase("The editor {0} did not end well; the text is unchanged.", "编辑器 {0} 未正常结束，文字没有改变。")
        }
    }
}

extension CommandContext {
    var text: ChromeText {
        switch self {
        case .timeline: .contextTimeline
        case .viewer: .contextViewer
        case .account: .contextAccount
        case .queue: .contextQueue
        case .changes: .contextChanges
        case .conflict: .contextConflict
        case .jobs: .contextJobs
        case .list: .contextList
        case .form: .contextForm
        case .wizard: .contextWizard
        }
    }
}
