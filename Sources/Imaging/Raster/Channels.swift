extension Raster {
    /// One channel on the 0…255 scale, whatever the depth.
    ///
    /// - Parameter channel: 0 is grey or red; alpha is the last.
    public func plane(_ channel: Int) -> Plane {
        precondition((0..<layout.channels).contains(channel))
        let step = layout.channels
        func gather<Sample: BinaryInteger>(_ source: [Sample], _ scale: Float) -> [Float] {
            [Float](unsafeUninitializedCapacity: pixelCount) { target, count in
                source.withUnsafeBufferPointer { source in
                    for index in 0..<pixelCount { target[index] = Float(source[index * step + channel]) * scale }
                }
                count = pixelCount
            }
        }
        switch samples {
        case .u8(let source): return Plane(width: width, height: height, values: gather(source, 1))
        case .u16(let source): return Plane(width: width, height: height, values: gather(source, 1 / 257))
        }
    }

    /// Replaces one channel by values on the 0…255 scale, clamped and rounded to the picture's depth.
    ///
    /// - Precondition: the plane has the size of the picture.
    public mutating func setPlane(_ plane: Plane, channel: Int) {
        precondition((0..<layout.channels).contains(channel) && plane.width == width && plane.height == height)
        let step = layout.channels
        func scatter<Sample: FixedWidthInteger>(into target: inout [Sample], _ scale: Float) {
            target.withUnsafeMutableBufferPointer { target in
                plane.values.withUnsafeBufferPointer { source in
                    for index in 0..<source.count {
                        // Written so that NaN becomes 0 instead of a trap.
                        let value = min(255, max(0, source[index])) * scale
                        target[index * step + channel] = value >= 0 ? Sample(value.rounded()) : 0
                    }
                }
            }
        }
        // The array leaves `samples` while it changes, so that it is not copied.
        switch samples {
        case .u8(var target):
            samples = .u8([])
            scatter(into: &target, 1)
            samples = .u8(target)
        case .u16(var target):
            samples = .u16([])
            scatter(into: &target, 257)
            samples = .u16(target)
        }
    }
}
