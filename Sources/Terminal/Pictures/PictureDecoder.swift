import Foundation
import Imaging

/// Image files to pixels for the screen.
public enum PictureDecoder {
    /// A picture whose longer side is at most `side` pixels, in sRGB; a small file comes at its own size.
    public static let decode: @Sendable (Data, Int) throws -> PixelImage = { data, side in
        PixelImage(try ImageCodec.decodeReduced(data, maximumSide: side))
    }
}
