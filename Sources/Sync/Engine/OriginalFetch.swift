import Core
import Foundation
import Store

extension SyncEngine {
    /// The picture as the server has it: from the cache where it is there, else fetched and kept. Blocks.
    ///
    /// - Throws: `UserError` when nobody is logged in or the picture cannot be had.
    public func fetchOriginal(_ media: MediaAttachment) throws -> Data {
        guard let current = try store.current() else {
            throw UserError("Nobody is logged in here: run `fixative login URL` first.", .attention)
        }
        if let file = current.library.file(of: media, .original), let data = try? Data(contentsOf: file) {
            return data
        }
        let download = MediaDownload(http: links.http, server: current.signedIn.server)
        do {
            let data = try download.fetch(
                MediaFiles.address(of: media, .original), limit: MediaDownload.originalLimit)
            try current.cache.media.store(data, of: media, .original, own: false)
            return data
        } catch let fault as ServerFault {
            throw fault.userError
        }
    }
}
