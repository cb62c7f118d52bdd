/// The eight ways in which a picture can lie in its file (EXIF 2.32, tag 0x0112).
public enum Orientation: Int, Sendable, CaseIterable {
    case upright = 1
    case mirrored = 2
    case rotated180 = 3
    case mirroredRotated180 = 4
    /// Mirrored along the main diagonal.
    case transposed = 5
    /// Turned 90° clockwise to become upright.
    case rotated90 = 6
    /// Mirrored along the other diagonal.
    case transversed = 7
    /// Turned 90° counter-clockwise to become upright.
    case rotated270 = 8

    /// Whether width and height change places.
    public var swapsSides: Bool { rawValue >= 5 }
}

extension Raster {
    /// The picture turned and mirrored so that what lay in the file with this orientation stands upright.
    public func oriented(from orientation: Orientation) -> Raster {
        guard orientation != .upright else { return self }
        let turn = Turn(orientation, width: width, height: height, channels: layout.channels)
        let turned: Samples
        switch samples {
        case .u8(let values): turned = .u8(turn.apply(to: values))
        case .u16(let values): turned = .u16(turn.apply(to: values))
        }
        return Raster(
            width: turn.width, height: turn.height, layout: layout, samples: turned, iccProfile: iccProfile)
    }
}

/// A turn as an affine walk through the source: target pixel (x, y) is the source pixel at origin + x·stepX + y·stepY.
private struct Turn {
    let width: Int
    let height: Int
    let channels: Int
    let origin: Int
    let stepX: Int
    let stepY: Int

    init(_ orientation: Orientation, width: Int, height: Int, channels: Int) {
        self.width = orientation.swapsSides ? height : width
        self.height = orientation.swapsSides ? width : height
        self.channels = channels
        let last = width * height - 1
        switch orientation {
        case .upright: (origin, stepX, stepY) = (0, 1, width)
        case .mirrored: (origin, stepX, stepY) = (width - 1, -1, width)
        case .rotated180: (origin, stepX, stepY) = (last, -1, -width)
        case .mirroredRotated180: (origin, stepX, stepY) = (last - width + 1, 1, -width)
        case .transposed: (origin, stepX, stepY) = (0, width, 1)
        case .rotated90: (origin, stepX, stepY) = (last - width + 1, -width, 1)
        case .transversed: (origin, stepX, stepY) = (last, -width, -1)
        case .rotated270: (origin, stepX, stepY) = (width - 1, width, -1)
        }
    }

    func apply<Sample>(to source: [Sample]) -> [Sample] {
        // Square tiles, because a quarter turn walks down the columns of the source.
        let tile = 32
        return [Sample](unsafeUninitializedCapacity: source.count) { target, count in
            source.withUnsafeBufferPointer { source in
                for tileY in stride(from: 0, to: height, by: tile) {
                    for tileX in stride(from: 0, to: width, by: tile) {
                        for y in tileY..<min(tileY + tile, height) {
                            var from = (origin + tileX * stepX + y * stepY) * channels
                            var to = (y * width + tileX) * channels
                            for _ in tileX..<min(tileX + tile, width) {
                                for channel in 0..<channels { target[to + channel] = source[from + channel] }
                                from += stepX * channels
                                to += channels
                            }
                        }
                    }
                }
            }
            count = source.count
        }
    }
}
