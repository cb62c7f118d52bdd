import Core

/// Words of the first steps and the about screen.
package enum WizardText: TextKey {
    case greeting, intro, localTitle, localText, loginTitle, loginText, protectTitle, protectText
    case step, nameQuestion, nameHint, serverQuestion, userQuestion, passwordQuestion, joining, loggingIn, failed
    case welcomeBack, goOn, cancelHint, serverBad, nameEmpty, passwordNote, chooseHint, ready
    case aboutText, aboutAccount, aboutServer, aboutNone, aboutLanguage, aboutTerminal, aboutPictures, aboutLimits
    case aboutVersion, colorsTrue, colors256, colors16, colorsNone

    package var phrase: Phrase {
        switch self {
        case .greeting: Phrase("Welcome to fixative", "欢迎使用 fixative")
        case .intro:
            Phrase(
                "Publish your pictures protected, online or not. How would you like to begin?",
                "在线或离线，都能受保护地发布作品。你想怎样开始？")
        case .localTitle: Phrase("A community on this machine", "本机上的社区")
        case .localText:
            Phrase("Try everything with sample pictures. Nothing leaves this machine.", "用示例图片体验全部功能，任何内容都不会离开本机。")
        case .loginTitle: Phrase("Log in to a server", "登录服务器")
        case .loginText: Phrase("A fixative community or any Mastodon server.", "fixative 社区或任何 Mastodon 服务器。")
        case .protectTitle: Phrase("Only protect files", "只保护文件")
        case .protectText: Phrase("No account. Works offline; you can log in later.", "无需账号，可离线使用，以后再登录。")
        case .step: Phrase("Step {0} of {1}", "第 {0} 步，共 {1} 步")
        case .nameQuestion: Phrase("Your name in the community", "你在社区里的名字")
        case .nameHint: Phrase("letters, digits and _", "字母、数字和下划线")
        case .serverQuestion: Phrase("Server", "服务器")
        case .userQuestion: Phrase("Account", "账号")
        case .passwordQuestion: Phrase("Password", "密码")
        case .joining: Phrase("Starting the community on this machine…", "正在启动本机社区…")
        case .loggingIn: Phrase("Logging in to {0}…", "正在登录 {0}…")
        case .failed: Phrase("That did not work: {0}", "没有成功：{0}")
        case .welcomeBack: Phrase("Logged in as {0}.", "已登录为 {0}。")
        case .goOn: Phrase("Enter goes on", "回车继续")
        case .cancelHint: Phrase("Esc goes back", "Esc 返回")
        case .serverBad: Phrase("Write the server as https://example.org.", "请按 https://example.org 的形式填写服务器。")
        case .nameEmpty: Phrase("Type a name: letters, digits and _.", "请输入名字：字母、数字和下划线。")
        case .passwordNote: Phrase("The password is sent to that server only and not kept.", "密码只发送给该服务器，不会保存。")
        case .chooseHint: Phrase("↑ ↓ choose, Enter goes on", "↑ ↓ 选择，回车继续")
        case .ready: Phrase("Ready.", "准备就绪。")
        case .aboutText: Phrase("A terminal client for artists' image communities.", "面向艺术家图片社区的终端客户端。")
        case .aboutAccount: Phrase("Account", "账号")
        case .aboutServer: Phrase("Server", "服务器")
        case .aboutNone: Phrase("none; L logs in", "无；按 L 登录")
        case .aboutLanguage: Phrase("Language", "语言")
        case .aboutTerminal: Phrase("Terminal", "终端")
        case .aboutPictures: Phrase("Pictures", "图片显示")
        case .aboutLimits:
            Phrase(
                "Protection makes misuse harder and helps you to prove what is yours. It does not make a published picture safe from copying, training or imitation.",
                "保护会增加滥用的难度，也帮助你证明作品的归属。它不能让已发布的图片免于被复制、训练或模仿。")
        case .aboutVersion: Phrase("Version", "版本")
        case .colorsTrue: Phrase("true colour", "真彩色")
        case .colors256: Phrase("256 colours; a terminal with true colour shows more", "256 色；真彩色终端效果更好")
        case .colors16: Phrase("16 colours", "16 色")
        case .colorsNone: Phrase("characters without colour", "无色字符")
        }
    }
}
