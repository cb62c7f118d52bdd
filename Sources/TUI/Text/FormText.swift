import Core

/// Words of the publish form, the protect form, the queue and the jobs.
package enum FormText: TextKey {
    case file, title, caption, altText, tags, recipe, visibility, license, sensitive, creator, notice, output
    case yes, no, choose, required, fileMissing, altNudge, tagsHint, fileHint, captionHint, limits, preview
    case previewWait, previewRunning, previewFailed, previewAgain, before, after, difference, visibilityScore
    case figures, worst, selfCheck, passed, notPassed, payload, previewNote, queuedNow, editSaved, wrote, exists
    case protectFirst, protecting, cannotRead, unsent, confirmNoMethods, confirmNoAlt, notFileField, noPreview, addTag
    case willWrite, fileFixed, noDifference
    case queueEmpty, queueAttempts, queueNext, queueCancelling, queueReport, cannotRetry, cannotCancel, cannotEdit
    case jobsEmpty, jobsSync, jobsLast, jobsNever, running, cannotCancelJob, ask, statusID, original, protectedFile
    case cloakMoved, cloakLimits, runningLeft, previewLeft

    package var phrase: Phrase {
        switch self {
        case .file: Phrase("File", "文件")
        case .title: Phrase("Title", "标题")
        case .caption: Phrase("Caption", "说明")
        case .altText: Phrase("Description", "画面说明")
        case .tags: Phrase("Tags", "标签")
        case .recipe: Phrase("Recipe", "保护方案")
        case .visibility: Phrase("Visible to", "可见范围")
        case .license: Phrase("Licence", "许可")
        case .sensitive: Phrase("Sensitive", "敏感内容")
        case .creator: Phrase("Artist", "作者")
        case .notice: Phrase("Rights", "权利声明")
        case .output: Phrase("Writes", "写入")
        case .yes: Phrase("yes", "是")
        case .no: Phrase("no", "否")
        case .choose: Phrase("← → choose", "← → 选择")
        case .required: Phrase("Choose a picture file first.", "请先选择图片文件。")
        case .fileMissing: Phrase("There is no such file.", "没有这个文件。")
        case .altNudge:
            Phrase("Say what the picture shows, for those who cannot see it.", "请描述画面，让看不见的人也能了解。")
        case .tagsHint: Phrase("words separated by spaces", "用空格分隔")
        case .fileHint: Phrase("Tab completes; or drop a file here", "Tab 补全；也可拖入文件")
        case .captionHint: Phrase("^E writes it in your editor", "^E 用编辑器书写")
        case .limits: Phrase("What this does not stop: {0}", "它不能阻止什么：{0}")
        case .preview: Phrase("Preview", "预览")
        case .previewWait: Phrase("The protected picture will appear here.", "保护后的图片会显示在这里。")
        case .previewRunning: Phrase("protecting {0} %", "正在保护 {0} %")
        case .previewFailed: Phrase("Cannot protect this file: {0}", "无法保护此文件：{0}")
        case .previewAgain: Phrase("Preparing the preview…", "正在准备预览…")
        case .before: Phrase("before", "保护前")
        case .after: Phrase("after", "保护后")
        case .difference: Phrase("difference × {0}", "差异 × {0}")
        case .visibilityScore: Phrase("likeness {0} of 100", "相似度 {0}/100")
        case .figures: Phrase("PSNR {0} dB · SSIM {1}", "PSNR {0} dB · SSIM {1}")
        case .worst: Phrase("worst ΔE {0}", "最大 ΔE {0}")
        case .selfCheck: Phrase("mark read back: JPEG 75 {0}, half size {1}", "标记可读：JPEG 75 {0}，缩小一半 {1}")
        case .cloakMoved:
            Phrase(
                "cloak moves tested encoders by {0}; equally visible noise by {1} ({2} ×)",
                "隐形扰动使所测编码器偏移 {0}；同样可见的噪声为 {1}（{2} 倍）")
        case .cloakLimits:
            Phrase(
                """
                The cloak can be weakened or removed (denoising, noisy upscaling, tools made for it); it is untested \
                against full diffusion models and future models, cannot be upgraded after posting, and does not \
                guarantee protection from training or style copying.
                """,
                """
                隐形扰动可能被削弱或去除（降噪、加噪放大、专门的工具）；未在完整的扩散模型和未来模型上测试，发布后无法升级，\
                也不保证作品不被用于训练或模仿风格。
                """)
        case .runningLeft: Phrase("running, {0} s left", "进行中，剩余 {0} 秒")
        case .previewLeft: Phrase("protecting {0} %, about {1} s left", "正在保护 {0} %，约剩 {1} 秒")
        case .passed: Phrase("yes", "是")
        case .notPassed: Phrase("no", "否")
        case .payload: Phrase("mark {0}", "标记 {0}")
        case .previewNote: Phrase("A mark of its own is made when you publish.", "发布时会生成专属标记。")
        case .queuedNow: Phrase("Queued: it will be protected and published.", "已排队：将进行保护并发布。")
        case .editSaved: Phrase("Changed.", "已修改。")
        case .wrote: Phrase("Wrote {0}", "已写入 {0}")
        case .exists: Phrase("{0} exists already and is never overwritten.", "{0} 已存在，绝不覆盖。")
        case .protectFirst: Phrase("Wait for the protection to finish.", "请等待保护完成。")
        case .protecting: Phrase("Protect {0}", "保护 {0}")
        case .cannotRead: Phrase("Cannot read {0}.", "无法读取 {0}。")
        case .unsent: Phrase("Could not queue it: {0}", "无法加入队列：{0}")
        case .confirmNoMethods:
            Phrase("This recipe protects nothing. Publish anyway?", "此方案没有任何保护。仍要发布吗？")
        case .confirmNoAlt:
            Phrase("There is no description of the picture. Publish anyway?", "还没有画面说明。仍要发布吗？")
        case .notFileField: Phrase("Only the file's name can be completed.", "只能补全文件名。")
        case .noPreview: Phrase("There is no preview yet.", "还没有预览。")
        case .addTag: Phrase("#{0}", "#{0}")
        case .willWrite: Phrase("beside the original: {0}", "与原文件同目录：{0}")
        case .fileFixed: Phrase("The file stays; cancel and publish anew to change it.", "文件不能更换；请取消后重新发布。")
        case .noDifference: Phrase("The pictures differ in size.", "两张图片尺寸不同。")
        case .queueEmpty: Phrase("The queue is empty. p publishes a picture.", "队列是空的。按 p 发布作品。")
        case .queueAttempts: Phrase("failed {0} times", "已失败 {0} 次")
        case .queueNext: Phrase("next try {0}", "下次尝试 {0}")
        case .queueCancelling: Phrase("cancelling", "正在取消")
        case .queueReport: Phrase("Report", "报告")
        case .cannotRetry: Phrase("It does not wait for you: there is nothing to retry.", "它不在等你处理，无需重试。")
        case .cannotCancel: Phrase("It is done; it cannot be cancelled any more.", "已经完成，不能再取消。")
        case .cannotEdit: Phrase("It is done; it cannot be edited here any more.", "已经完成，不能再在此修改。")
        case .jobsEmpty: Phrase("Nothing is under way.", "没有正在进行的任务。")
        case .jobsSync: Phrase("Synchronisation", "同步")
        case .jobsLast: Phrase("last {0}", "上次 {0}")
        case .jobsNever: Phrase("not yet", "尚未")
        case .running: Phrase("running", "进行中")
        case .cannotCancelJob: Phrase("This cannot be cancelled.", "这项任务不能取消。")
        case .ask: Phrase("Cancel “{0}”?", "取消“{0}”吗？")
        case .statusID: Phrase("status {0}", "动态 {0}")
        case .original: Phrase("original {0}", "原文件 {0}")
        case .protectedFile: Phrase("protected file {0}", "保护后文件 {0}")
        }
    }
}
