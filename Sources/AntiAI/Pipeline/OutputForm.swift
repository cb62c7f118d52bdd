import Core
import Foundation
import Imaging

/// How the protected picture is going to be encoded.
struct OutputForm: Equatable {
    var format: ImageFormat
    /// Nil for lossless forms.
    var quality: Int?
    /// Whether the artist asked for this very quality.
    var isFixed = false

    /// The original's own form unless something else is asked for: JPEG and lossy WebP at no less than 90, so that a
    /// second generation adds little; everything else lossless.
    init(of original: DecodedImage, format: ImageFormat?, quality: Int?) {
        self.init(
            format ?? original.format, quality, jpegQuality: original.jpegQuality, isLossless: original.isLossless)
    }

    init(of original: DecodedFile, format: ImageFormat?, quality: Int?) {
        self.init(
            format ?? original.format, quality, jpegQuality: original.jpegQuality, isLossless: original.isLossless)
    }

    private init(_ format: ImageFormat, _ quality: Int?, jpegQuality: Int?, isLossless: Bool) {
        self.format = format
        isFixed = quality != nil && format != .png
        switch format {
        case .png: self.quality = nil
        case .jpeg: self.quality = quality ?? min(100, max(jpegQuality ?? 92, 90))
        case .webp: self.quality = quality ?? (isLossless ? nil : 90)
        }
    }

    /// The next better form of the same format; nil when there is none. WebP ends in its lossless form.
    var better: OutputForm? {
        guard !isFixed, let quality else { return nil }
        var next = self
        if let higher = [94, 97, 99].first(where: { $0 > quality }) {
            next.quality = higher
        } else if format == .webp {
            next.quality = nil
        } else {
            return nil
        }
        return next
    }

    /// The picture as the format can hold it: 8 bits but in PNG, no alpha channel in JPEG.
    ///
    /// - Throws: `UserError` when something shows through the picture and the format is JPEG.
    func prepare(_ raster: Raster) throws -> Raster {
        guard format != .png else { return raster }
        let shallow = raster.to8Bit()
        guard format == .jpeg, shallow.layout.hasAlpha else { return shallow }
        if shallow.isTranslucent {
            throw UserError("JPEG cannot hold transparency: choose png or webp as the format.")
        }
        return shallow.converted(to: shallow.layout.isGray ? .gray : .rgb)
    }

    /// The same for a picture in a file.
    func prepare(_ file: RasterFile) throws -> RasterFile {
        guard format != .png else { return file }
        if format == .jpeg, file.isTranslucent {
            throw UserError("JPEG cannot hold transparency: choose png or webp as the format.")
        }
        guard file.bitDepth == 16 || (format == .jpeg && file.layout.hasAlpha) else { return file }
        return try file.mapped { try prepare($0) }
    }

    func encode(_ raster: Raster, xmp: Data?) throws -> Data {
        try ImageCodec.encode(raster, as: format, options(xmp))
    }

    func encode(_ file: RasterFile, xmp: Data?) throws -> Data {
        try ImageCodec.encode(file, as: format, options(xmp))
    }

    private func options(_ xmp: Data?) -> EncodeOptions {
        EncodeOptions(quality: quality, lossless: quality == nil, xmp: xmp)
    }

    /// What viewers of the encoded picture see.
    func roundTrip(_ raster: Raster) throws -> Raster {
        guard quality != nil else { return raster }
        return try ImageCodec.decode(encode(raster, xmp: nil)).raster
    }
}
