import Core
import Foundation

/// What the decoders and the protection say of a picture that they cannot take, in the language of the screens.
///
/// These errors are made where nobody knows the language, and kept in the queue as they were made; so they are recognised
/// by their words. One that is not is shown as it is.
package enum PictureErrorText {
    /// English and Chinese; `{}` stands for what differs from picture to picture, `{0}`, `{1}`… for the same in order.
    private static let sentences: [(english: String, chinese: String)] = [
        (
            "This {} file is damaged or incomplete; export or download it again.",
            "这个 {0} 文件已损坏或不完整；请重新导出或下载。"
        ),
        (
            "This is an animated {}; save the frame that you want as a still PNG, then try again.",
            "这是动画 {0}；请把需要的一帧存为静态 PNG，再试一次。"
        ),
        (
            "{} files are not supported; export the picture as PNG, JPEG or WebP, then try again.",
            "不支持 {0} 文件；请把图片导出为 PNG、JPEG 或 WebP，再试一次。"
        ),
        (
            "This is not a picture in a format known here; save it as PNG, JPEG or WebP.",
            "这不是能识别的图片格式；请存为 PNG、JPEG 或 WebP。"
        ),
        ("The file is empty.", "文件是空的。"),
        (
            "The file is larger than the limit of {} MiB; make it smaller first.",
            "文件超过了 {0} MiB 的上限；请先缩小。"
        ),
        (
            "The picture has {} × {} pixels, over the limit of {}; make it smaller first.",
            "图片有 {0} × {1} 像素，超过了上限（{2}）；请先缩小。"
        ),
        (
            "The picture is too small to mark ({}×{}; a watermark needs {} pixels on each side): "
                + "use a larger one, or only the methods noise and rights.",
            "图片太小，加不了水印（{0}×{1}；每边至少要 {2} 像素）：请用大一些的图片，或只用噪声和权利声明。"
        ),
        (
            "This is a lossless JPEG, which few programs read; save it as PNG, then try again.",
            "这是无损 JPEG，很少有程序能读；请存为 PNG，再试一次。"
        ),
        (
            "This is a hierarchical JPEG, which few programs read; save it as PNG, then try again.",
            "这是分层 JPEG，很少有程序能读；请存为 PNG，再试一次。"
        ),
        (
            "This JPEG has {} bits a sample instead of 8; save it as 16-bit PNG, then try again.",
            "这个 JPEG 每个样本有 {0} 位而不是 8 位；请存为 16 位 PNG，再试一次。"
        ),
        (
            "This JPEG stores its colours in an unusual way; save it as PNG, then try again.",
            "这个 JPEG 的颜色存储方式不常见；请存为 PNG，再试一次。"
        ),
        (
            "JPEG cannot hold transparency: choose png or webp as the format.",
            "JPEG 不能保存透明：请选择 png 或 webp 格式。"
        ),
        (
            "This is not a file but a folder or a device; name a picture.",
            "这不是文件，而是文件夹或设备；请指定一张图片。"
        ),
        ("The file cannot be opened: {}.", "文件打不开：{0}。"),
        ("The file cannot be read: {}.", "文件读不了：{0}。"),
        ("There is not enough memory to read the picture.", "内存不足，读不了这张图片。"),
        (
            "There is no room on the disk to work on a picture of this size ({}): free some, or make the picture smaller.",
            "磁盘空间不足，处理不了这么大的图片（{0}）：请腾出空间，或缩小图片。"
        ),
        (
            "The rights statement is too long for a JPEG ({} bytes at most); shorten it.",
            "权利声明对 JPEG 来说太长（最多 {0} 字节）；请缩短。"
        ),
        (
            "{} has at most {} pixels a side; choose PNG or make the picture smaller.",
            "{0} 每边最多 {1} 像素；请选 PNG，或缩小图片。"
        ),
        (
            "{} has at most {} pixels a side; choose PNG or JPEG, or make the picture smaller.",
            "{0} 每边最多 {1} 像素；请选 PNG 或 JPEG，或缩小图片。"
        ),
    ]

    /// The message in that language where it is one of those.
    package static func translated(_ message: String, _ language: Language) -> String {
        guard language == .simplifiedChinese else { return message }
        for (english, chinese) in sentences {
            guard let values = values(of: english, in: message) else { continue }
            return values.enumerated().reduce(chinese) { text, value in
                text.replacingOccurrences(of: "{\(value.offset)}", with: value.element)
            }
        }
        return message
    }

    /// What stands where the template has its gaps; nil where the message is another one.
    private static func values(of template: String, in message: String) -> [String]? {
        let parts = template.components(separatedBy: "{}")
        guard message.hasPrefix(parts[0]), message.hasSuffix(parts[parts.count - 1]) else { return nil }
        var rest = message.dropFirst(parts[0].count)
        var values: [String] = []
        for (index, part) in parts.enumerated().dropFirst() {
            let range =
                index == parts.count - 1
                ? rest.range(of: part, options: [.backwards, .anchored])
                    ?? (part.isEmpty ? rest.endIndex..<rest.endIndex : nil)
                : rest.range(of: part)
            guard let range else { return nil }
            values.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return rest.isEmpty ? values : nil
    }
}
