import Imaging

/// Deterministic pseudo-random numbers (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Pictures that tests draw themselves.
enum Pictures {
    /// Noise in every sample, alpha included: any mix-up of channels, rows or bytes shows.
    static func noise(_ width: Int, _ height: Int, _ layout: PixelLayout, depth: Int = 8, seed: UInt64 = 1) -> Raster {
        var random = SplitMix(state: seed)
        let count = width * height * layout.channels
        let samples: Samples =
            depth == 16
            ? .u16((0..<count).map { _ in UInt16(truncatingIfNeeded: random.next()) })
            : .u8((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        return Raster(width: width, height: height, layout: layout, samples: samples)
    }

    /// A smooth opaque gradient, which survives lossy formats well.
    static func gradient(_ width: Int, _ height: Int, _ layout: PixelLayout = .rgb) -> Raster {
        var values: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let ramps = [x * 255 / max(1, width - 1), y * 255 / max(1, height - 1), 128]
                for channel in 0..<layout.colorChannels { values.append(UInt8(ramps[channel])) }
                if layout.hasAlpha { values.append(255) }
            }
        }
        return Raster(width: width, height: height, layout: layout, samples: .u8(values))
    }

    /// The 8-bit samples of a raster.
    static func bytes(_ raster: Raster) -> [UInt8] {
        guard case .u8(let values) = raster.samples else { return [] }
        return values
    }

    /// The largest difference between two 8-bit rasters of the same shape.
    static func worstDifference(_ a: Raster, _ b: Raster) -> Int {
        guard a.width == b.width, a.height == b.height, a.layout == b.layout else { return .max }
        return zip(bytes(a), bytes(b)).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
    }
}
