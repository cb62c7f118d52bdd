import Core

/// What a file may cost before it is decoded; both are checked on the header.
public struct DecodeLimits: Sendable {
    /// Width × height.
    public var maximumPixels: Int
    /// Size of the file.
    public var maximumBytes: Int

    /// 100 megapixels in a file of 256 MiB.
    public static let standard = DecodeLimits()

    public init(maximumPixels: Int = 100_000_000, maximumBytes: Int = 256 << 20) {
        self.maximumPixels = maximumPixels
        self.maximumBytes = maximumBytes
    }

    func check(bytes: Int) throws {
        guard bytes <= maximumBytes else {
            throw UserError("The file is larger than the limit of \(maximumBytes >> 20) MiB; make it smaller first.")
        }
    }

    func check(width: Int, height: Int) throws {
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= maximumPixels else {
            let limit = Double(maximumPixels) / 1_000_000
            let text = limit < 1 ? "\(maximumPixels) pixels" : "\(Int(limit)) megapixels"
            throw UserError(
                "The picture has \(width) × \(height) pixels, over the limit of \(text); make it smaller first.")
        }
    }
}
