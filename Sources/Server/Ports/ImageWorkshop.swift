import Core
import Foundation

/// What was learned from an uploaded picture by decoding it.
package struct InspectedImage: Sendable {
    package var format: ImageFormat
    package var width: Int
    package var height: Int
    package var preview: Data
    package var previewFormat: ImageFormat
    package var previewWidth: Int
    package var previewHeight: Int
    package var blurhash: String?
}

/// Looks at uploads. Calls block.
package protocol ImageWorkshop: Sendable {
    /// Decodes the whole file. Throws `UserError` when it is not a picture that the server takes.
    func inspect(_ file: URL) throws -> InspectedImage
}
