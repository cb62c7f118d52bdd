extension Raster {
    /// A rectangle of the picture, with the same layout, depth and profile.
    ///
    /// - Precondition: the rectangle has at least one pixel and lies inside the picture.
    public func cropped(x: Int, y: Int, width: Int, height: Int) -> Raster {
        precondition(x >= 0 && y >= 0 && width > 0 && height > 0)
        precondition(x <= self.width - width && y <= self.height - height)
        func cut<Sample>(_ values: [Sample]) -> [Sample] {
            var result: [Sample] = []
            result.reserveCapacity(width * height * layout.channels)
            for row in y..<y + height {
                let start = (row * self.width + x) * layout.channels
                result.append(contentsOf: values[start..<start + width * layout.channels])
            }
            return result
        }
        let part: Samples
        switch samples {
        case .u8(let values): part = .u8(cut(values))
        case .u16(let values): part = .u16(cut(values))
        }
        return Raster(width: width, height: height, layout: layout, samples: part, iccProfile: iccProfile)
    }
}
