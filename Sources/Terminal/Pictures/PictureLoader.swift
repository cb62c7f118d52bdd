import Foundation
import Synchronization

/// Where a picture comes from.
///
/// Compared by a key that is made once: a frame asks for every tile again, and a URL's path is slow to get.
public struct PictureSource: Hashable, Sendable {
    enum Place: Sendable {
        case file(URL)
        case image(PixelImage)
    }

    let key: String
    let place: Place

    public static func file(_ url: URL) -> PictureSource { PictureSource(key: url.path, place: .file(url)) }

    /// Pixels that the program made; the name says which.
    public static func image(name: UInt64, _ image: PixelImage) -> PictureSource {
        PictureSource(key: "\u{0}\(name) \(image.width)x\(image.height)", place: .image(image))
    }

    public static func == (lhs: PictureSource, rhs: PictureSource) -> Bool { lhs.key == rhs.key }
    public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// A picture as a view wants it: within a box, at its own shape.
public struct PictureRequest: Hashable, Sendable {
    public var source: PictureSource
    public var blurred: Bool
    public var columns: Int
    public var rows: Int
    /// 1 fits the box; more shows a part.
    public var zoom: Double
    /// What is in the middle when zoomed, in fractions of the sides.
    public var centerX: Double
    public var centerY: Double

    public init(
        _ source: PictureSource, columns: Int, rows: Int, blurred: Bool = false, zoom: Double = 1,
        centerX: Double = 0.5, centerY: Double = 0.5
    ) {
        self.source = source
        self.blurred = blurred
        self.columns = columns
        self.rows = rows
        self.zoom = zoom
        self.centerX = centerX
        self.centerY = centerY
    }
}

/// Decodes and encodes pictures off the main thread, newest wish first, and remembers what it made.
///
/// What a frame no longer asks for is not begun: scrolling on cancels what was scrolled past.
public final class PictureLoader: Sendable {
    /// Reads a file into pixels whose longer side is near the given one.
    public typealias Decoder = @Sendable (URL, Int) throws -> PixelImage

    public enum Result: Sendable {
        case ready(Picture)
        case loading
        case failed
    }

    private struct Wish: Hashable {
        var request: PictureRequest
        var mode: PictureMode
    }

    private struct State {
        var pictures: [Wish: (picture: Picture, used: UInt64)] = [:]
        /// Counts the uses of pictures: the smallest was used longest ago.
        var uses: UInt64 = 0
        var images: [String: (side: Int, image: PixelImage)] = [:]
        var imageOrder: [String] = []
        var failed: Set<String> = []
        var dimensions: [String: (Int, Int)] = [:]
        /// Asked for in this frame and not there yet, in the order of asking.
        var wanted: [Wish] = []
        var asked: [Wish] = []
        var running = 0
        var busy: Set<Wish> = []
    }

    private static let maximumPictures = 96
    private static let maximumImageBytes = 32 << 20
    private static let maximumWorkers = 2

    private let state = Mutex(State())
    private let decoder: Decoder
    private let done: @Sendable () -> Void
    private let isImmediate: Bool
    private let queue = DispatchQueue(label: "fixative.pictures", qos: .utility, attributes: .concurrent)

    /// - Parameters:
    ///   - isImmediate: makes pictures while the caller waits: for tests.
    ///   - done: called on any thread when a picture became ready.
    public init(isImmediate: Bool = false, decoder: @escaping Decoder, done: @escaping @Sendable () -> Void) {
        self.decoder = decoder
        self.done = done
        self.isImmediate = isImmediate
    }

    /// The picture if it is there; else it will be made, unless the next frames stop asking.
    public func picture(_ request: PictureRequest, mode: PictureMode) -> Result {
        guard request.columns > 0, request.rows > 0 else { return .failed }
        let wish = Wish(request: request, mode: mode)
        let known: Result? = state.withLock { state in
            if let at = state.pictures.index(forKey: wish) {
                state.uses += 1
                state.pictures.values[at].used = state.uses
                return .ready(state.pictures.values[at].picture)
            }
            if state.failed.contains(request.source.key) { return .failed }
            if !isImmediate { state.asked.append(wish) }
            return nil
        }
        if let known { return known }
        guard isImmediate else { return .loading }
        make(wish)
        return state.withLock { $0.pictures[wish].map { .ready($0.picture) } ?? .failed }
    }

    /// Pixels of a source once it was decoded; of the file itself only where it was not reduced.
    public func dimensions(of source: PictureSource) -> (width: Int, height: Int)? {
        state.withLock { $0.dimensions[source.key] }
    }

    /// The frame is complete: starts what it asked for and drops older wishes.
    public func frameEnded() {
        let workers = state.withLock { state in
            state.wanted = state.asked.filter { !state.busy.contains($0) }
            state.asked = []
            let more = min(state.wanted.count, Self.maximumWorkers - state.running)
            state.running += max(0, more)
            return max(0, more)
        }
        for _ in 0..<workers { queue.async { self.work() } }
    }

    /// Forgets a source: its file changed.
    public func forget(_ source: PictureSource) {
        state.withLock { state in
            state.failed.remove(source.key)
            state.images[source.key] = nil
            state.imageOrder.removeAll { $0 == source.key }
            state.dimensions[source.key] = nil
            state.pictures = state.pictures.filter { $0.key.request.source != source }
        }
    }

    /// Lets failed sources be tried again.
    public func retryFailed() { state.withLock { $0.failed.removeAll() } }

    private func work() {
        ThreadPriority.yieldToOthers()
        while true {
            let wish: Wish? = state.withLock { state in
                guard !state.wanted.isEmpty else {
                    state.running -= 1
                    return nil
                }
                let wish = state.wanted.removeFirst()
                state.busy.insert(wish)
                return wish
            }
            guard let wish else { return }
            make(wish)
            state.withLock { _ = $0.busy.remove(wish) }
            done()
        }
    }

    private func make(_ wish: Wish) {
        let request = wish.request
        do {
            let image = try pixels(request, wish.mode)
            let picture = Self.compose(request.blurred ? image.blurred() : image, wish.mode, request)
            state.withLock { state in
                state.uses += 1
                state.pictures[wish] = (picture, state.uses)
                while state.pictures.count > Self.maximumPictures,
                    let oldest = state.pictures.min(by: { $0.value.used < $1.value.used })
                {
                    state.pictures[oldest.key] = nil
                }
            }
        } catch {
            state.withLock { _ = $0.failed.insert(request.source.key) }
        }
    }

    private func pixels(_ request: PictureRequest, _ mode: PictureMode) throws -> PixelImage {
        let key = request.source.key
        let url: URL
        switch request.source.place {
        case .file(let file): url = file
        case .image(let image):
            state.withLock { $0.dimensions[key] = (image.width, image.height) }
            return image
        }
        let perCell = mode.graphics == nil ? 2 : max(mode.cellWidth, mode.cellHeight / 2)
        let needed = max(request.columns, request.rows * 2) * perCell
        let side = request.zoom > 1 ? 4_096 : min(4_096, max(320, needed))
        if let known = state.withLock({ $0.images[key] }), known.side >= side { return known.image }
        let image = try decoder(url, side)
        state.withLock { state in
            state.images[key] = (side, image)
            state.imageOrder.removeAll { $0 == key }
            state.imageOrder.append(key)
            state.dimensions[key] = (image.width, image.height)
            var bytes = state.images.values.reduce(0) { $0 + $1.image.rgb.count }
            while bytes > Self.maximumImageBytes, state.imageOrder.count > 1 {
                let oldest = state.imageOrder.removeFirst()
                bytes -= state.images.removeValue(forKey: oldest)?.image.rgb.count ?? 0
            }
        }
        return image
    }

    private static func compose(_ image: PixelImage, _ mode: PictureMode, _ request: PictureRequest) -> Picture {
        let fit = mode.fit(width: image.width, height: image.height, columns: request.columns, rows: request.rows)
        let zoom = max(1, request.zoom)
        let columns = min(Double(request.columns), (Double(fit.columns) * zoom).rounded())
        let rows = min(Double(request.rows), (Double(fit.rows) * zoom).rounded())
        let width = columns / (Double(fit.columns) * zoom)
        let height = rows / (Double(fit.rows) * zoom)
        let crop = Crop(
            x: min(1 - width, max(0, request.centerX - width / 2)),
            y: min(1 - height, max(0, request.centerY - height / 2)), width: min(1, width), height: min(1, height))
        var file: Data?
        if mode.graphics == .iTerm2, zoom == 1, !request.blurred, case .file(let url) = request.source.place {
            file = try? Data(contentsOf: url, options: .mappedIfSafe)
        }
        var hasher = Hasher()
        hasher.combine(request)
        return PictureEncoder.encode(
            image, crop: crop, columns: Int(columns), rows: Int(rows), mode: mode,
            id: UInt64(bitPattern: Int64(hasher.finalize())), file: file)
    }
}
