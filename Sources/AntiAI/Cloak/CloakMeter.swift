import CCloakKernels
import Imaging

/// How far a cloak moves the networks it was made against, beside noise that is as visible.
package struct CloakMeter {
    package struct Reading: Sendable, Equatable {
        /// Weighted mean over the networks of ‖E(x′) − E(x)‖ / ‖E(x)‖.
        package var displacement: Double
        /// The same for the control: the perturbation's own magnitudes with random signs, scaled until SSIMULACRA2 is
        /// that of the perturbation.
        package var control: Double
    }

    private let networks: CloakNetworks

    package init(_ networks: CloakNetworks) { self.networks = networks }

    /// Measures pictures of up to 256×256 whole, larger ones on a mosaic of four parts of 128×128. Nil without a
    /// network to measure on, or for a perturbation that vanishes in rounding.
    package func measure(_ picture: Raster, _ residual: CloakResidual, gain: Float, seed: UInt64) -> Reading? {
        guard !networks.members.isEmpty else { return nil }
        let mosaic = Mosaic(picture)
        let parts = mosaic.cut(picture)
        let part = mosaic.cut(residual)
        let original = Planes(parts)
        let changed = Planes(parts.adding(part, gain: gain))
        guard original.values != changed.values,
            let visibility = original.values.withUnsafeBufferPointer({ planes in
                planes.baseAddress.flatMap {
                    VisibilityTerm($0, width: original.width, height: original.height, level: networks.level)
                }
            })
        else { return nil }
        func score(_ planes: Planes) -> Double {
            planes.values.withUnsafeBufferPointer { $0.baseAddress.map { visibility.score($0) } ?? 100 }
        }
        let noise = part.withRandomSigns(seed: seed)
        let solver = StrengthSolver(untouched: 100, target: score(changed), tolerance: 0.1, evaluations: 12)
        // Noise of the same magnitude is more visible.
        let solved = solver.solve(from: 0.7 * gain) { score(Planes(parts.adding(noise, gain: $0))) }
        let control = Planes(parts.adding(noise, gain: solved.gain))
        let moved = displacements(of: [changed, control], from: original)
        return Reading(displacement: moved[0], control: moved[1])
    }

    /// The weighted mean over the networks of the relative displacement of each changed picture.
    func displacements(of changed: [Planes], from original: Planes) -> [Double] {
        var sums = [Double](repeating: 0, count: changed.count)
        var total = 0.0
        let bytes = networks.mapBytesPerPixel * Double(original.width * original.height) * 7 / 6
        let pool = TensorPool(level: networks.level, capacity: Int(bytes))
        for network in networks.members {
            let runner = NetworkRunner(network, pool: pool, isCancelled: { false })
            func map(_ planes: Planes) -> Tensor? {
                planes.values.withUnsafeBufferPointer { values in
                    values.baseAddress.flatMap {
                        runner.forward($0, height: planes.height, width: planes.width, remembers: false)
                    }
                }
            }
            guard let base = map(original) else { continue }
            total += Double(network.weight)
            for (index, planes) in changed.enumerated() {
                guard let other = map(planes) else { continue }
                var (moved, length) = (0.0, 0.0)
                var (a, b) = (other.raw, base.raw)
                fx_distance(network.level.rawValue, &a, &b, &moved, &length)
                sums[index] += Double(network.weight) * (moved / max(length, 1e-30)).squareRoot()
                pool.release(other)
            }
            pool.release(base)
        }
        return sums.map { total > 0 ? $0 / total : 0 }
    }

    /// A picture as three planes, 0…1, with sides that are multiples of 16.
    struct Planes: Equatable {
        let width: Int
        let height: Int
        let values: [Float]

        init(_ raster: Raster) {
            let grid = TileGrid(width: raster.width, height: raster.height, side: 4096)
            width = grid.width
            height = grid.height
            values = TilePixels.read(raster, x: 0, y: 0, width: width, height: height).planes
        }
    }
}

/// Parts of a large picture side by side.
private struct Mosaic {
    private static let side = 128
    private static let whole = 4 * side * side
    private let origins: [(x: Int, y: Int)]

    init(_ raster: Raster) {
        guard raster.pixelCount > Self.whole, min(raster.width, raster.height) >= Self.side else {
            origins = []
            return
        }
        func places(_ length: Int) -> [Int] { [1, 3].map { (length - Self.side) * $0 / 4 } }
        origins = places(raster.height).flatMap { y in places(raster.width).map { x in (x, y) } }
    }

    func cut(_ raster: Raster) -> Raster {
        guard !origins.isEmpty else { return raster }
        let channels = raster.layout.channels
        let samples: Samples =
            switch raster.samples {
            case .u8(let values): .u8(cut(values, channels, raster.width))
            case .u16(let values): .u16(cut(values, channels, raster.width))
            }
        return Raster(width: 2 * Self.side, height: 2 * Self.side, layout: raster.layout, samples: samples)
    }

    func cut(_ residual: CloakResidual) -> CloakResidual {
        guard !origins.isEmpty else { return residual }
        return CloakResidual(
            width: 2 * Self.side, height: 2 * Self.side, channels: residual.channels,
            values: cut(residual.values, residual.channels, residual.width), unit: residual.unit)
    }

    private func cut<T>(_ values: [T], _ channels: Int, _ width: Int) -> [T] {
        var result: [T] = []
        result.reserveCapacity(4 * Self.side * Self.side * channels)
        for pair in [origins[0..<2], origins[2..<4]] {
            for row in 0..<Self.side {
                for origin in pair {
                    let start = ((origin.y + row) * width + origin.x) * channels
                    result.append(contentsOf: values[start..<start + Self.side * channels])
                }
            }
        }
        return result
    }
}

extension CloakResidual {
    /// The same magnitudes with signs of chance.
    package func withRandomSigns(seed: UInt64) -> CloakResidual {
        var random = SplitMix(state: ~seed)
        var result = self
        for start in stride(from: 0, to: values.count, by: 64) {
            var bits = random.next()
            for index in start..<min(start + 64, values.count) {
                if bits & 1 == 1 { result.values[index] = -result.values[index] }
                bits >>= 1
            }
        }
        return result
    }
}
