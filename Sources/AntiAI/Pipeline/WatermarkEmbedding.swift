import Core
import Foundation
import Imaging

/// How visible a watermark on its own may be.
public enum WatermarkStrength: String, Sendable, CaseIterable {
    case subtle, standard, strong

    /// Larger pictures have more places to hide a mark in.
    package func visibility(longEdge: Int) -> MarkVisibility {
        switch self {
        case .subtle:
            // Half of the large pictures would go down to the floor.
            let floor = longEdge >= CanonicalPlane.coarseFrom ? 90.0 : 87
            return MarkVisibility(target: 90.6, floor: floor, norm: 0.7, highestNorm: 1)
        case .strong: return MarkVisibility(target: 79, floor: 75.4, norm: 1.6, highestNorm: 2.4)
        case .standard:
            if longEdge >= CanonicalPlane.coarseFrom {
                return MarkVisibility(target: 88.5, floor: 84.6, norm: 0.9, highestNorm: 1.1)
            }
            return longEdge < 724
                ? MarkVisibility(target: 87, floor: 82, norm: 0.92, highestNorm: 1.26)
                : MarkVisibility(target: 87.8, floor: 83, norm: 0.84, highestNorm: 1.12)
        }
    }
}

/// How much may be seen of a watermark on its own.
package struct MarkVisibility: Sendable {
    /// SSIMULACRA2 that is aimed at, and the lowest for a picture on which the mark would be too faint at that.
    package var target: Double
    package var floor: Double
    /// Estimated butteraugli 3-norm, likewise.
    package var norm: Double
    package var highestNorm: Double
}

extension Protector {
    /// Puts a watermark into a picture and does nothing else with it: for experts and benchmarks. The original's
    /// metadata is not in the result, its colour profile is.
    ///
    /// - Parameter format: nil keeps the original's.
    /// - Throws: `UserError` for files that cannot be decoded and pictures that are too small to mark.
    public static func embedWatermark(
        _ original: Data, payload: MarkID, keys: [WatermarkKey] = [.community],
        strength: WatermarkStrength = .standard,
        format: ImageFormat? = nil, quality: Int? = nil, limits: DecodeLimits = .standard,
        scratch: URL = FileManager.default.temporaryDirectory
    ) throws -> Data {
        let size = try ImageCodec.dimensions(original)
        let allowed = strength.visibility(longEdge: max(size.width, size.height))
        let meter = ProgressMeter { _ in true }
        let recipe = Recipe(
            name: strength.rawValue, methods: [.watermark], visibilityTarget: allowed.target, noiseShare: 0)
        if LargeRun.handles(original, recipe.methods, above: LargeRun.pixels) {
            var run = try LargeRun(
                original, limits: limits, format: format, quality: quality, meter: meter, scratch: scratch)
            return try run.produce(recipe: recipe, payload: payload, keys: keys, packet: nil, visibility: allowed).data
        }
        var run = try ProtectionRun(original, limits: limits, format: format, quality: quality, meter: meter)
        return try run.produce(recipe: recipe, payload: payload, keys: keys, packet: nil, visibility: allowed).data
    }
}
