import Core
import TUI
import Testing

@Suite("Errors of pictures in the language of the screens")
struct PictureErrorTextTests {
    @Test(arguments: [
        (
            "This JPEG file is damaged or incomplete; export or download it again.",
            "这个 JPEG 文件已损坏或不完整；请重新导出或下载。"
        ),
        (
            "The picture has 40000 × 30000 pixels, over the limit of 100 megapixels; make it smaller first.",
            "图片有 40000 × 30000 像素，超过了上限（100 megapixels）；请先缩小。"
        ),
        (
            """
            The picture is too small to mark (90×127; a watermark needs 128 pixels on each side): use a larger one, or \
            only the methods noise and rights.
            """,
            "图片太小，加不了水印（90×127；每边至少要 128 像素）：请用大一些的图片，或只用噪声和权利声明。"
        ),
        ("The file is empty.", "文件是空的。"),
        (
            "WebP has at most 16383 pixels a side; choose PNG or JPEG, or make the picture smaller.",
            "WebP 每边最多 16383 像素；请选 PNG 或 JPEG，或缩小图片。"
        ),
    ])
    func areTranslatedWithTheirFigures(_ english: String, _ chinese: String) {
        #expect(PictureErrorText.translated(english, .simplifiedChinese) == chinese)
        #expect(PictureErrorText.translated(english, .english) == english)
    }

    @Test(arguments: ["", "The server said no.", "The file is empty. Really.", "This JPEG file is"])
    func whatIsNotKnownStays(_ message: String) {
        #expect(PictureErrorText.translated(message, .simplifiedChinese) == message)
    }
}
