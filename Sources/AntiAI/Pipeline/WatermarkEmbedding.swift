import Core
import Foundation
import Imaging

/// How visible a watermark on its own may be: SSIMULACRA2 at native size.
public enum WatermarkStrength: String, Sendable, CaseIterable {
    case subtle, standard, strong

    public var visibilityTarget: Double {
        switch self {
        case .subtle: 90
        case .standard: 86
        case .strong: 75
        }
    }
}

extension Protector {
    /// Puts a watermark into a picture and does nothing else with it: for experts and benchmarks. The original's
    /// metadata is not in the result, its colour profile is.
    ///
    /// - Parameter format: nil keeps the original's.
    /// - Throws: `UserError` for files that cannot be decoded and pictures that are too small to mark.
    public static func embedWatermark(
        _ original: Data, payload: MarkID, key: WatermarkKey = .community, strength: WatermarkStrength = .standard,
        format: ImageFormat? = nil, quality: Int? = nil, limits: DecodeLimits = .standard
    ) throws -> Data {
        let recipe = Recipe(
            name: strength.rawValue, methods: [.watermark], visibilityTarget: strength.visibilityTarget, noiseShare: 0)
        let meter = ProgressMeter { _ in true }
        var run = try ProtectionRun(original, limits: limits, format: format, quality: quality, meter: meter)
        return try run.produce(recipe: recipe, payload: payload, key: key, packet: nil).data
    }
}
