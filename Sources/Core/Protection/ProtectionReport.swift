/// What was done to one picture, measured: the object that `fixative protect --json` prints for each file.
public struct ProtectionReport: Hashable, Sendable, Codable {
    /// CPU seconds that each step took.
    public struct Seconds: Hashable, Sendable, Codable {
        public var decode, cloak, noise, watermark, encode: Double

        public init(
            decode: Double = 0, cloak: Double = 0, noise: Double = 0, watermark: Double = 0, encode: Double = 0
        ) {
            self.decode = decode
            self.cloak = cloak
            self.noise = noise
            self.watermark = watermark
            self.encode = encode
        }
    }

    /// Whether the mark was read back after the two commonest fates of a picture. Nil without a watermark.
    public struct SelfCheck: Hashable, Sendable, Codable {
        /// After JPEG at quality 75.
        public var jpeg75: Bool
        /// After scaling both sides to 50 %.
        public var scale50: Bool

        public init(jpeg75: Bool, scale50: Bool) {
            self.jpeg75 = jpeg75
            self.scale50 = scale50
        }
    }

    /// What the cloak moved. Nil without a cloak.
    public struct Cloak: Hashable, Sendable, Codable {
        /// Relative movement of what the networks it was made against see, by the cloak alone.
        public var displacement: Double
        /// The same by noise that is equally visible (the cloak's magnitudes, random signs, equal SSIMULACRA2).
        public var noiseDisplacement: Double
        public var steps: Int

        public init(displacement: Double, noiseDisplacement: Double, steps: Int) {
            self.displacement = displacement
            self.noiseDisplacement = noiseDisplacement
            self.steps = steps
        }
    }

    public var width: Int
    public var height: Int
    public var recipe: String
    public var methods: [ProtectionMethod]
    /// The payload of the watermark; nil without one.
    public var payload: MarkID?
    /// SSIMULACRA2 at native size against the decoded original, 100 for identical pictures.
    public var visibility: Double
    /// dB over all colour channels; nil when the pictures are identical.
    public var psnr: Double?
    /// Mean structural similarity of luma, 0…1.
    public var ssim: Double
    /// Largest CIE ΔE2000 of any pixel.
    public var worstDeltaE: Double
    public var seconds: Seconds
    public var selfCheck: SelfCheck?
    public var cloak: Cloak?
    /// SHA-256 of the original file and of the protected one, hex.
    public var originalSHA256: String
    public var protectedSHA256: String
    /// The sentence on what this protection does not stop.
    public var limits: String

    public init(
        width: Int, height: Int, recipe: String, methods: [ProtectionMethod], payload: MarkID?, visibility: Double,
        psnr: Double?, ssim: Double, worstDeltaE: Double, seconds: Seconds, selfCheck: SelfCheck?, cloak: Cloak?,
        originalSHA256: String, protectedSHA256: String, limits: String
    ) {
        self.width = width
        self.height = height
        self.recipe = recipe
        self.methods = methods
        self.payload = payload
        self.visibility = visibility
        self.psnr = psnr
        self.ssim = ssim
        self.worstDeltaE = worstDeltaE
        self.seconds = seconds
        self.selfCheck = selfCheck
        self.cloak = cloak
        self.originalSHA256 = originalSHA256
        self.protectedSHA256 = protectedSHA256
        self.limits = limits
    }
}
