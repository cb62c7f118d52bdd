/// One method of protection. The raw values are those of the command line and of the JSON.
public enum ProtectionMethod: String, Sendable, Codable, CaseIterable {
    case cloak, noise, watermark, rights
}

/// What the artist says about the rights in a picture; written into it as XMP.
public struct RightsStatement: Hashable, Sendable, Codable {
    /// Who made the picture (`dc:creator`).
    public var creator: String?
    /// The notice (`dc:rights`), for example `© 2026 Mei Lin`.
    public var notice: String?
    /// SPDX id or URL (`xmpRights:WebStatement`, `cc:license`); nil means all rights reserved.
    public var license: String?
    /// PLUS `DataMining`: true writes "prohibited for AI/ML training" and reserves TDM rights.
    public var prohibitsTraining: Bool

    public init(
        creator: String? = nil, notice: String? = nil, license: String? = nil, prohibitsTraining: Bool = true
    ) {
        self.creator = creator
        self.notice = notice
        self.license = license
        self.prohibitsTraining = prohibitsTraining
    }
}

/// A named, versioned set of protection parameters. `AntiAI` turns it into pixels.
public struct Recipe: Hashable, Sendable, Codable {
    public var name: String
    public var version: Int
    public var methods: Set<ProtectionMethod>
    /// The SSIMULACRA2 score at native size that the strengths are solved for: 90 is visually lossless.
    public var visibilityTarget: Double
    /// The part of what the target allows that the noise gets where there is a watermark too, 0…1. The watermark goes
    /// first: it takes from the noise what it needs to be read back.
    public var noiseShare: Double
    /// The part of what the target allows that the cloak gets beside other methods, 0…1; alone it gets all of it.
    public var cloakShare: Double
    /// Steps of the cloak's descent; nil is the program's own choice. More take longer and gain little after twenty.
    public var cloakSteps: Int?
    /// How far the cloak's search may move a sample where the picture is richest, 0…255 scale, before its strength is solved;
    /// nil is the program's own choice.
    public var cloakBox: Double?

    public init(
        name: String, version: Int = 1, methods: Set<ProtectionMethod>, visibilityTarget: Double,
        noiseShare: Double = 0.3, cloakShare: Double = 0.6, cloakSteps: Int? = nil, cloakBox: Double? = nil
    ) {
        self.name = name
        self.version = version
        self.methods = methods
        self.visibilityTarget = visibilityTarget
        self.noiseShare = noiseShare
        self.cloakShare = cloakShare
        self.cloakSteps = cloakSteps
        self.cloakBox = cloakBox
    }
}
