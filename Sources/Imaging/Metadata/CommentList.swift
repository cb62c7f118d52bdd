import Foundation

/// Collects comments without letting a file fill the memory with them.
struct CommentList {
    private(set) var texts: [String] = []

    mutating func add(_ bytes: Data) {
        guard texts.count < 64, let text = MetadataText.decode(bytes) else { return }
        texts.append(text)
    }
}
