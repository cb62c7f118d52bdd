import Imaging

/// Pictures and changes that a few lines of Python draw as well, so that other programs' scores can be quoted.
enum QualityPictures {
    static func base(_ width: Int, _ height: Int) -> Raster {
        draw(width, height) { x, y in
            let checker = (x / 8 + y / 8) % 2 == 1 ? 200 : 40
            return [x * 255 / (width - 1), y * 255 / (height - 1), checker]
        }
    }

    static func changed(_ raster: Raster, _ change: String) -> Raster {
        guard case .u8(let values) = raster.samples else { return raster }
        let width = raster.width
        return draw(width, raster.height) { x, y in
            func color(_ x: Int) -> [Int] { (0..<3).map { Int(values[3 * (y * width + x) + $0]) } }
            let color = color(x)
            switch change {
            case "dither1": return color.map { $0 + (x * 7 + y * 13 + x * y) % 5 - 2 }
            case "dither4": return color.map { $0 + ((x * 7 + y * 13 + x * y) % 5 - 2) * 4 }
            case "blue": return [color[0], color[1], color[2] * 9 / 10]
            case "shift": return (0..<3).map { Int(values[3 * (y * width + max(0, x - 1)) + $0]) }
            default: return color.map { $0 / 16 * 16 + 8 }
            }
        }
    }

    private static func draw(_ width: Int, _ height: Int, _ color: (Int, Int) -> [Int]) -> Raster {
        var values: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width { values += color(x, y).map { UInt8(min(max($0, 0), 255)) } }
        }
        return Raster(width: width, height: height, layout: .rgb, samples: .u8(values))
    }
}
