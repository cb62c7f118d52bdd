import Foundation

/// Where an encoder gets its pixels from: pieces of whole rows, from top to bottom, without gaps.
protocol PixelFeed {
    var width: Int { get }
    var height: Int { get }
    var layout: PixelLayout { get }
    var bitDepth: Int { get }
    var iccProfile: [UInt8]? { get }

    func forEachPiece(_ body: (_ pixels: UnsafeRawPointer, _ rows: Int) throws -> Void) throws
}

extension Raster: PixelFeed {
    func forEachPiece(_ body: (_ pixels: UnsafeRawPointer, _ rows: Int) throws -> Void) throws {
        switch samples {
        case .u8(let values): try values.withUnsafeBytes { try body($0.baseAddress!, height) }
        case .u16(let values): try values.withUnsafeBytes { try body($0.baseAddress!, height) }
        }
    }
}

extension RasterFile: PixelFeed {
    func forEachPiece(_ body: (_ pixels: UnsafeRawPointer, _ rows: Int) throws -> Void) throws {
        for band in bands {
            try withRows(band) { try body(UnsafeRawPointer($0.baseAddress!), band.count) }
            release()
        }
    }
}
