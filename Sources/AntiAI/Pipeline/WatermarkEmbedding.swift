import Core
import Foundation
import Imaging

/// How visible a watermark on its own may be: SSIMULACRA2 at native size.
public enum WatermarkStrength: String, Sendable, CaseIterable {
    case subtle, standard, strong

    /// The score that is aimed at, and the lowest that a picture is given on which the mark would be too faint at that:
    /// mostly smooth ones. Larger pictures have more places to hide a mark in.
    package func visibility(longEdge: Int) -> (target: Double, floor: Double) {
        switch (self, CanonicalPlane.side(forLongEdge: longEdge)) {
        case (.subtle, _): (90.3, 88)
        case (.standard, 2048): (89.3, 87)
        case (.standard, 1024): (89.7, 86.8)
        case (.standard, _): (88.4, 85.6)
        case (.strong, _): (80, 75.3)
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
        _ original: Data, payload: MarkID, keys: [WatermarkKey] = [.community], strength: WatermarkStrength = .standard,
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
            return try run.produce(recipe: recipe, payload: payload, keys: keys, packet: nil, floor: allowed.floor).data
        }
        var run = try ProtectionRun(original, limits: limits, format: format, quality: quality, meter: meter)
        return try run.produce(recipe: recipe, payload: payload, keys: keys, packet: nil, floor: allowed.floor).data
    }
}
