import Foundation

/// Where files live, each under the SHA-256 of its bytes.
package protocol ObjectStore: Sendable {
    /// A new private file to write an upload into; the caller hands it to `put` or removes it.
    func makeTemporaryFile() throws -> URL
    /// Takes the file over. When this returns, the bytes survive a power cut. Returns the object's name.
    func put(fileAt url: URL) throws -> String
    func put(_ data: Data) throws -> String
    func exists(_ name: String) -> Bool
    func url(of name: String) -> URL
    func delete(_ name: String) throws
    func allNames() throws -> [String]
    /// Removes what a crash left of unfinished uploads, if it is older than that.
    func removeTemporaryFiles(before date: Date) throws
}
