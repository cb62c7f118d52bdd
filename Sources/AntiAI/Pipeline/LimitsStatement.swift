import Core

/// What the product may say about what it does not stop; part of every report.
enum LimitsStatement {
    static func text(_ methods: [ProtectionMethod]) -> String {
        var sentences: [String] = []
        if methods.contains(.watermark) {
            sentences.append(
                """
                The watermark names the publication; it stops nobody from copying, and cropping below about a quarter \
                of the area, perspective changes, regeneration by a generative model or somebody with the key can \
                remove it.
                """)
        }
        if methods.contains(.cloak) {
            sentences.append(
                """
                The cloak can be weakened or removed (denoising, noisy upscaling, tools made for it), and is untested \
                against full diffusion models and future models.
                """)
        }
        if methods.contains(.noise) {
            sentences.append(
                """
                The noise makes denoising cost a little more; it can be weakened or removed by denoising, noisy \
                upscaling and tools made for it, and is untested against diffusion models and future models.
                """)
        }
        if methods.contains(.rights) {
            sentences.append("The rights in the file are a request that stops nobody who ignores it.")
        }
        sentences.append(
            """
            Nothing of this guarantees protection from training or style copying, and it cannot be upgraded after \
            posting.
            """)
        return sentences.joined(separator: " ")
    }
}
