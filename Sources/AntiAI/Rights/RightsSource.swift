import Core
import Imaging

extension RightsStatement {
    /// The statement completed from the original's own creator and notice where it names neither.
    ///
    /// Only by the artist's wish: a camera writes its owner's real name there, which somebody who publishes under a
    /// pseudonym does not want to see again.
    func completed(from metadata: ImageMetadata) -> RightsStatement {
        guard creator == nil, notice == nil else { return self }
        var result = self
        result.creator = metadata.artist
        result.notice = metadata.copyright
        return result
    }
}
