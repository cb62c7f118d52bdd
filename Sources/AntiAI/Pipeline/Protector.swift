@_spi(Protection) import Core
import Foundation
import Imaging
import Synchronization

/// The protection pipeline: decode → orient → cloak → noise → watermark → self-check → metadata → encode.
///
/// The same bytes come out for the same file, recipe, payload, key and version. Memory peaks at about 35 bytes a
/// pixel. The strengths of pictures over three megapixels are solved on a sample of tiles and corrected on the whole
/// picture, on which everything in the report is measured.
public struct Protector: Protection {
    /// Part of what the output depends on; grows when the same input gives other pixels.
    public static let version = 3

    private let book: RecipeBook
    private let key: WatermarkKey
    private let limits: DecodeLimits
    private let keepsOriginalCredits: Bool
    private let shelf: NetworkShelf

    /// - Parameters:
    ///   - book: the recipes that can be asked for by name.
    ///   - watermarkKey: the secret of the mark; the community's is public, so that anybody can read marks.
    ///   - keepsOriginalCredits: whether the creator and notice in the original's metadata are used where the artist's
    ///     statement has neither. Off by default: cameras write their owner's real name there.
    ///   - encoders: safetensors files with encoders that the cloak is made against, beside those that come with the
    ///     program. They are read when a cloak is asked for.
    public init(
        book: RecipeBook = RecipeBook(), watermarkKey: WatermarkKey = .community, limits: DecodeLimits = .standard,
        keepsOriginalCredits: Bool = false, encoders: [URL] = []
    ) {
        self.init(
            book: book, watermarkKey: watermarkKey, limits: limits, keepsOriginalCredits: keepsOriginalCredits,
            shelf: NetworkShelf { try CloakNetworks.load(encoders) })
    }

    /// With networks that are loaded already.
    package init(book: RecipeBook = RecipeBook(), networks: CloakNetworks) {
        self.init(
            book: book, watermarkKey: .community, limits: .standard, keepsOriginalCredits: false,
            shelf: NetworkShelf { networks })
    }

    private init(
        book: RecipeBook, watermarkKey: WatermarkKey, limits: DecodeLimits, keepsOriginalCredits: Bool,
        shelf: NetworkShelf
    ) {
        self.shelf = shelf
        self.book = book
        key = watermarkKey
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
            var run = try ProtectionRun(
                original, limits: limits, format: request.format, quality: request.quality, meter: meter,
                cloak: cloak)
            let rights = keepsOriginalCredits ? request.rights.completed(from: run.metadata) : request.rights
            let packet = recipe.methods.contains(.rights) ? RightsPacket.make(rights) : nil
            let (outcome, report) = try run.perform(
                recipe: recipe, payload: request.payload, key: key, packet: packet)
            return ProtectedImage(data: outcome.data, format: outcome.form.format, report: report)
        }
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
