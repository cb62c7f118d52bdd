@_spi(Protection) import Core
import Foundation
import Imaging
import Synchronization

/// The protection pipeline: decode → orient → cloak → noise → watermark → self-check → metadata → encode.
///
/// The same bytes come out for the same file, recipe, payload, key and version. Memory peaks at about 35 bytes a
/// pixel; recipes of a watermark and rights only keep very large pictures on the disk instead (`LargeRun`). The strengths of pictures over three megapixels are solved on a sample of tiles and corrected on the whole
/// picture, on which everything in the report is measured.
public struct Protector: Protection {
    /// Part of what the output depends on; grows when the same input gives other pixels.
    public static let version = 12

    private let book: RecipeBook
    private let keys: [WatermarkKey]
    private let limits: DecodeLimits
    private let keepsOriginalCredits: Bool
    private let shelf: NetworkShelf
    private let scratch: URL
    private let largePixels: Int

    /// - Parameters:
    ///   - book: the recipes that can be asked for by name.
    ///   - watermarkKeys: the secrets of the mark; the community's is public, so that anybody can read marks. With
    ///     several, each has its own mark in the picture.
    ///   - keepsOriginalCredits: whether the creator and notice in the original's metadata are used where the artist's
    ///     statement has neither. Off by default: cameras write their owner's real name there.
    ///   - encoders: safetensors files with encoders that the cloak is made against, beside those that come with the
    ///     program. They are read when a cloak is asked for.
    ///   - scratch: the directory of the nameless files in which very large pictures lie meanwhile.
    public init(
        book: RecipeBook = RecipeBook(), watermarkKeys: [WatermarkKey] = [.community], limits: DecodeLimits = .standard,
        keepsOriginalCredits: Bool = false, encoders: [URL] = [],
        scratch: URL = FileManager.default.temporaryDirectory
    ) {
        self.init(
            book: book, watermarkKeys: watermarkKeys, limits: limits, keepsOriginalCredits: keepsOriginalCredits,
            shelf: NetworkShelf { try CloakNetworks.load(encoders) }, scratch: scratch, largePixels: LargeRun.pixels)
    }

    /// With networks that are loaded already.
    package init(book: RecipeBook = RecipeBook(), networks: CloakNetworks) {
        self.init(
            book: book, watermarkKeys: [.community], limits: .standard, keepsOriginalCredits: false,
            shelf: NetworkShelf { networks }, scratch: FileManager.default.temporaryDirectory,
            largePixels: LargeRun.pixels)
    }

    /// - Parameter largePixels: the size above which a picture counts as very large.
    package init(book: RecipeBook = RecipeBook(), scratch: URL, largePixels: Int) {
        self.init(
            book: book, watermarkKeys: [.community], limits: .standard, keepsOriginalCredits: false,
            shelf: NetworkShelf { try CloakNetworks.load([]) }, scratch: scratch, largePixels: largePixels)
    }

    private init(
        book: RecipeBook, watermarkKeys: [WatermarkKey], limits: DecodeLimits, keepsOriginalCredits: Bool,
        shelf: NetworkShelf, scratch: URL, largePixels: Int
    ) {
        precondition(!watermarkKeys.isEmpty)
        self.shelf = shelf
        self.book = book
        keys = watermarkKeys
        self.scratch = scratch
        self.largePixels = largePixels
        self.limits = limits
        self.keepsOriginalCredits = keepsOriginalCredits
    }

    public func recipes() -> [Recipe] { book.recipes }

    /// Protects one file.
    ///
    /// - Throws: `UserError` for files that cannot be decoded, pictures too small to mark, recipes that do not exist and
    ///   a cloak whose networks are missing or broken; `CancellationError` when `progress` returns false.
    public func protect(
        _ original: Data, _ request: ProtectionRequest, progress: @Sendable (Double) -> Bool
    ) throws -> ProtectedImage {
        var recipe = try book.recipe(request.recipe)
        if let methods = request.methods { recipe.methods = methods }
        let cloak = recipe.methods.contains(.cloak) ? Cloak(try shelf.networks()) : nil
        return try withoutActuallyEscaping(progress) { progress in
            let meter = ProgressMeter(report: progress)
            if LargeRun.handles(original, recipe.methods, above: largePixels) {
                var run = try LargeRun(
                    original, limits: limits, format: request.format, quality: request.quality, meter: meter,
                    scratch: scratch)
                let (outcome, report) = try run.perform(
                    recipe: recipe, payload: request.payload, keys: keys, packet: packet(recipe, request, run.metadata))
                return ProtectedImage(data: outcome.data, format: outcome.form.format, report: report)
            }
            var run = try ProtectionRun(
                original, limits: limits, format: request.format, quality: request.quality, meter: meter,
                cloak: cloak)
            let (outcome, report) = try run.perform(
                recipe: recipe, payload: request.payload, keys: keys, packet: packet(recipe, request, run.metadata))
            return ProtectedImage(data: outcome.data, format: outcome.form.format, report: report)
        }
    }

    private func packet(_ recipe: Recipe, _ request: ProtectionRequest, _ metadata: ImageMetadata) -> Data? {
        guard recipe.methods.contains(.rights) else { return nil }
        return RightsPacket.make(keepsOriginalCredits ? request.rights.completed(from: metadata) : request.rights)
    }
}

/// The cloak's networks, loaded when they are needed for the first time.
private final class NetworkShelf: Sendable {
    private let load: @Sendable () throws -> CloakNetworks
    private let loaded = Mutex<CloakNetworks?>(nil)

    init(_ load: @escaping @Sendable () throws -> CloakNetworks) { self.load = load }

    func networks() throws -> CloakNetworks {
        try loaded.withLock { loaded in
            if let loaded { return loaded }
            let networks = try load()
            loaded = networks
            return networks
        }
    }
}

/// Passes progress on and stops the work when it is no longer wanted.
struct ProgressMeter {
    let report: @Sendable (Double) -> Bool

    func reach(_ fraction: Double) throws {
        if !report(fraction) { throw CancellationError() }
    }
}
