import Core
import Terminal

extension CommandContext {
    static let browsing: Set<CommandContext> = [
        .timeline, .viewer, .account, .queue, .jobs, .list, .changes, .conflict,
    ]
    static let pictures: Set<CommandContext> = [.timeline, .viewer, .account]
    static let lists: Set<CommandContext> = [.timeline, .account, .queue, .jobs, .list, .changes, .conflict]
    static let everywhere = Set(CommandContext.allCases)
}

extension CommandID {
    /// The table. A case without its entry does not compile.
    var command: Command {
        switch self {
        case .help, .back, .quit, .suspend, .redraw, .commandLine: general
        case .home, .local, .bookmarks, .favourites, .tag, .search, .publish, .protect, .queue, .jobs, .errors, .about,
            .sync, .login:
            place
        case .up, .down, .left, .right, .pageUp, .pageDown, .first, .last, .open: motion
        case .toggleLayout, .favourite, .bookmark, .account, .reveal, .info, .zoomIn, .zoomOut, .fit, .actualSize,
            .next,
            .previous:
            picture
        case .retry, .cancel, .edit, .details, .showDone, .changes, .keepMine, .keepTheirs, .nextField, .previousField,
            .submit, .flip, .difference,
            .editor, .complete:
            work
        }
    }

    private func make(
        _ keys: [Key], _ contexts: Set<CommandContext>, _ english: String, _ chinese: String,
        hint: (String, String)? = nil
    ) -> Command {
        Command(self, keys, contexts, Phrase(english, chinese), hint: hint.map { Phrase($0.0, $0.1) })
    }

    private var general: Command {
        switch self {
        case .help:
            // `?` is text in a form; F1 is help everywhere.
            make(
                [.character("?"), Key(.function(1))], CommandContext.browsing.union([.wizard, .form]),
                "Show all commands; search and run them", "显示全部命令，可搜索和执行")
        case .back:
            make(
                [.character("q"), Key(.escape), Key(.backspace)], CommandContext.browsing, "Go back", "返回",
                hint: ("back", "返回"))
        case .quit: make([.character("Q"), .control("q")], CommandContext.everywhere, "Leave fixative", "退出 fixative")
        case .suspend: make([.control("z")], CommandContext.everywhere, "Stop and go to the shell", "挂起，回到终端")
        case .redraw: make([.control("l")], CommandContext.everywhere, "Draw the screen anew", "重画屏幕")
        default:
            make([.character(":")], CommandContext.browsing, "Type a command by its name", "输入命令名称")
        }
    }

    private var place: Command {
        let all = CommandContext.browsing
        return switch self {
        case .home: make([.character("1")], all.subtracting([.viewer]), "Go to the home timeline", "打开主页时间线")
        case .local: make([.character("2")], all.subtracting([.viewer]), "Go to the community's timeline", "打开社区时间线")
        case .bookmarks: make([.character("3")], all.subtracting([.viewer]), "Go to your bookmarks", "打开书签")
        case .favourites: make([.character("4")], all.subtracting([.viewer]), "Go to your favourites", "打开喜欢的作品")
        case .tag: make([.character("t")], all, "Show the pictures of a tag", "查看某个标签的作品")
        case .search:
            make([.character("/")], all, "Search pictures, people and tags", "搜索作品、作者和标签", hint: ("search", "搜索"))
        case .publish:
            make([.character("p")], all, "Protect and publish a picture", "保护并发布作品", hint: ("publish", "发布"))
        case .protect:
            make([.character("P")], all.union([.wizard]), "Protect a file without publishing it", "只保护文件，不发布")
        case .queue: make([.character("u")], all, "Show the publishing queue", "查看发布队列", hint: ("queue", "队列"))
        case .jobs: make([.character("J")], all, "Show what is under way", "查看正在进行的任务")
        case .errors: make([.character("e")], all.subtracting([.queue]), "Show the details of errors", "查看错误详情")
        case .about: make([.character("A")], all, "Show accounts and about fixative", "账号与关于")
        case .sync: make([.character("R")], all, "Synchronise now", "立即同步")
        default: make([.character("L")], all, "Log in to another account", "登录其他账号")
        }
    }

    private var motion: Command {
        switch self {
        case .up: make([Key(.up), .character("k")], CommandContext.browsing.union([.wizard]), "Move up", "向上")
        case .down: make([Key(.down), .character("j")], CommandContext.browsing.union([.wizard]), "Move down", "向下")
        case .left: make([Key(.left), .character("h")], CommandContext.pictures, "Move left", "向左")
        case .right: make([Key(.right), .character("l")], CommandContext.pictures, "Move right", "向右")
        case .pageUp: make([Key(.pageUp), .control("b")], CommandContext.lists, "One page up", "上一页")
        case .pageDown: make([Key(.pageDown), .control("f")], CommandContext.lists, "One page down", "下一页")
        case .first: make([.character("g"), Key(.home)], CommandContext.lists, "Go to the first", "到第一项")
        case .last: make([.character("G"), Key(.end)], CommandContext.lists, "Go to the last", "到最后一项")
        default:
            make(
                [Key(.enter)], [.timeline, .account, .queue, .jobs, .list, .wizard, .changes], "Open what is selected",
                "打开所选项",
                hint: ("open", "打开"))
        }
    }

    private var picture: Command {
        let pictures = CommandContext.pictures
        return switch self {
        case .toggleLayout:
            make(
                [Key(.tab), .character("v")], [.timeline, .account], "Change between grid and list", "切换网格与列表",
                hint: ("list", "列表"))
        case .favourite:
            make([.character("f")], pictures, "Favourite, or take it back", "喜欢或取消喜欢", hint: ("like", "喜欢"))
        case .bookmark: make([.character("b")], pictures, "Bookmark, or take it back", "加入或移出书签")
        case .account: make([.character("a")], pictures, "Show the artist's page", "查看作者主页", hint: ("artist", "作者"))
        case .reveal:
            make([.character("s"), .character(" ")], [.viewer], "Reveal or hide a sensitive picture", "显示或遮住敏感内容")
        case .info:
            make(
                [.character("i")], [.viewer], "Show or hide the text beside the picture", "显示或隐藏文字说明",
                hint: ("text", "文字"))
        case .zoomIn: make([.character("+"), .character("=")], [.viewer], "Zoom in", "放大", hint: ("zoom", "缩放"))
        case .zoomOut: make([.character("-")], [.viewer], "Zoom out", "缩小")
        case .fit: make([.character("0")], [.viewer], "Fit the picture to the screen", "适合屏幕")
        case .actualSize: make([.character("1")], [.viewer], "Show the picture pixel by pixel", "按原始像素显示")
        case .next: make([.character("n"), .character("]")], [.viewer], "Next picture", "下一张", hint: ("next", "下一张"))
        default: make([.character("N"), .character("[")], [.viewer], "Previous picture", "上一张")
        }
    }

    private var work: Command {
        switch self {
        case .retry: make([.character("r")], [.queue, .changes], "Try again", "重试", hint: ("retry", "重试"))
        case .cancel: make([.character("x")], [.queue, .jobs, .changes], "Cancel", "取消", hint: ("cancel", "取消"))
        case .edit: make([.character("E")], [.queue], "Edit before it is published", "发布前修改", hint: ("edit", "修改"))
        case .details:
            make(
                [.character("e")], [.queue], "Show the report and the reasons", "查看报告和原因",
                hint: ("details", "详情"))
        case .showDone: make([.character("d")], [.queue], "Show or hide what is done", "显示或隐藏已完成项")
        case .changes:
            make([.character("c")], [.queue], "Show edits and other changes that wait", "查看等待中的修改和其他改动")
        case .keepMine: make([.character("m")], [.conflict], "Keep your version", "保留你的版本", hint: ("mine", "我的"))
        case .keepTheirs:
            make([.character("o")], [.conflict], "Take the server's version", "采用服务器的版本", hint: ("other", "对方"))
        case .nextField: make([Key(.down), Key(.tab)], [.form], "Next field", "下一项")
        case .previousField: make([Key(.up), Key(.tab, .shift)], [.form], "Previous field", "上一项")
        case .submit:
            make(
                [.control("s")], [.form, .conflict], "Done: publish or write the file", "完成：发布或写入文件",
                hint: ("done", "完成"))
        case .flip:
            make(
                [.control("f"), Key(.function(2))], [.form], "Flip between before and after", "切换保护前后",
                hint: ("before/after", "前后对比"))
        case .difference:
            make(
                [.control("d"), Key(.function(3))], [.form], "Show the difference, amplified", "显示放大的差异",
                hint: ("difference", "差异"))
        case .editor:
            make(
                [.control("e"), Key(.function(4))], [.form], "Write this field in $EDITOR", "用 $EDITOR 编辑此项",
                hint: ("editor", "编辑器"))
        default: make([.control("n"), Key(.function(5))], [.form], "Complete the file name", "补全文件名")
        }
    }
}
