import Core
import Crypto
import Foundation
import Imaging

/// The cloak: a perturbation that moves what image encoders see, found by projected gradient descent through the
/// networks at hand, inside a box that follows the picture's texture.
///
/// It works on tiles, one thread each, in memory that does not grow with the picture but for one byte a sample. The
/// same residual comes out for the same picture, settings, seed, networks and level of instructions.
package struct Cloak: Sendable {
    package let networks: CloakNetworks
    private let threads: Int

    /// What all workers together may hold, in bytes.
    private static let memory = 216.0 * 1_048_576
    private static let sides = Array(stride(from: 512, through: TileGrid.least, by: -16))

    package init(_ networks: CloakNetworks, threads: Int = ProcessInfo.processInfo.activeProcessorCount) {
        self.networks = networks
        self.threads = max(1, threads)
    }

    /// The seed of the cloak for a payload.
    package static func seed(for payload: MarkID) -> UInt64 {
        var hash = SHA256()
        hash.update(data: Data("fixative cloak 1".utf8))
        withUnsafeBytes(of: payload.rawValue.bigEndian) { hash.update(bufferPointer: $0) }
        return hash.finalize().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The perturbation of a picture at gain 1.
    ///
    /// - Parameters:
    ///   - side: of a square of as many samples as a tile may have, a multiple of 16; nil fits it to the memory that the
    ///     networks need.
    ///   - report: gets 0…1 about ten times a second on the calling thread; throwing stops the work.
    /// - Returns: the residual and the CPU seconds that it took on all threads.
    /// - Throws: what `report` throws; `UserError` when memory is short.
    package func residual(
        for raster: Raster, _ settings: CloakSettings, seed: UInt64, side: Int? = nil,
        report: (Double) throws -> Void
    ) throws -> (residual: CloakResidual, cpuSeconds: Double) {
        let crew = Self.crew(bytesPerPixel: bytesPerPixel, threads: threads)
        let grid = TileGrid(width: raster.width, height: raster.height, side: side ?? crew.side)
        let gray = raster.isColorless
        let canvas = ResidualCanvas(
            width: raster.width, height: raster.height, channels: gray ? 1 : 3, box: settings.box)
        let networks = networks
        let units = grid.count * max(1, settings.steps)
        let seconds = try TileWorkers.run(
            tasks: grid.count, threads: crew.threads, report: { try report(Double($0) / Double(units)) },
            worker: { board in
                let descent = TileDescent(
                    networks, settings: settings, width: grid.width, height: grid.height,
                    goesOn: { board.finishUnit() },
                    isCancelled: { board.isCancelled })
                return { index in
                    let tile = grid[index]
                    let pixels = TilePixels(
                        raster, x: tile.x, y: tile.y, width: grid.width, height: grid.height, box: settings.box / 255)
                    guard let change = descent?.run(pixels, gray: gray, seed: seed) else { return false }
                    canvas.add(change, tile, grid)
                    return true
                }
            })
        return (canvas.finish(), seconds)
    }

    /// The largest tiles that fit into the memory with all threads at work; fewer threads where even the smallest do not.
    ///
    /// - Parameter bytesPerPixel: what one worker holds for each pixel of its tile.
    package static func crew(bytesPerPixel: Double, threads: Int) -> (side: Int, threads: Int) {
        func workers(_ side: Int) -> Int { Int(memory / (Double(side * side) * bytesPerPixel)) }
        if let side = sides.first(where: { workers($0) >= threads }) { return (side, threads) }
        return (TileGrid.least, max(1, min(threads, workers(TileGrid.least))))
    }

    /// What one worker holds for each pixel of its tile, about: the networks' maps, in whose place both visibility terms work, what
    /// these keep of the original, and the planes of the descent itself.
    private var bytesPerPixel: Double {
        max(networks.mapBytesPerPixel, 60) + 18 + 34 + 88 + 12 * Double(networks.seats.count)
    }
}
