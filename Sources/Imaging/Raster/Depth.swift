extension Raster {
    /// The same picture with 8 bits a sample: each value divided by 257, rounded to the nearest.
    public func to8Bit() -> Raster {
        guard case .u16(let values) = samples else { return self }
        let narrow = [UInt8](unsafeUninitializedCapacity: values.count) { target, count in
            values.withUnsafeBufferPointer { source in
                // (255 v + 32895) >> 16 is exactly round(v / 257) for every v.
                for index in 0..<source.count {
                    target[index] = UInt8(truncatingIfNeeded: (UInt32(source[index]) &* 255 &+ 32895) &>> 16)
                }
            }
            count = values.count
        }
        return with(.u8(narrow))
    }

    /// The same picture with 16 bits a sample: each value times 257, so that `to8Bit` gives the original back.
    public func to16Bit() -> Raster {
        guard case .u8(let values) = samples else { return self }
        let wide = [UInt16](unsafeUninitializedCapacity: values.count) { target, count in
            values.withUnsafeBufferPointer { source in
                for index in 0..<source.count { target[index] = UInt16(source[index]) &* 257 }
            }
            count = values.count
        }
        return with(.u16(wide))
    }

    /// This picture's geometry, layout and profile with other samples.
    private func with(_ samples: Samples) -> Raster {
        Raster(width: width, height: height, layout: layout, samples: samples, iccProfile: iccProfile)
    }
}
