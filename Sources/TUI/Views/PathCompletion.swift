import Foundation

/// File names as they are typed, pasted or dropped.
package struct PathCompletion {
    var workingDirectory: URL
    var homeDirectory: URL

    /// The file that a text means: relative to the working directory, with `~` for home.
    func url(_ typed: String) -> URL {
        if typed == "~" { return homeDirectory }
        if typed.hasPrefix("~/") { return homeDirectory.appendingPathComponent(String(typed.dropFirst(2))) }
        if typed.hasPrefix("/") { return URL(fileURLWithPath: typed) }
        return workingDirectory.appendingPathComponent(typed)
    }

    /// What may follow what was typed: directories (with `/`) and image files; at most `limit`, sorted.
    func candidates(_ typed: String, limit: Int = 200) -> [String] {
        let slash = typed.lastIndex(of: "/")
        let directory = slash.map { String(typed[...$0]) } ?? ""
        let prefix = slash.map { String(typed[typed.index(after: $0)...]) } ?? typed
        let folder = directory.isEmpty ? workingDirectory : url(directory)
        let keys: Set<URLResourceKey> = [.isDirectoryKey]
        guard
            let found = try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: Array(keys), options: [])
        else { return [] }
        var result: [String] = []
        for item in found {
            let name = item.lastPathComponent
            guard name.hasPrefix(prefix), prefix.hasPrefix(".") || !name.hasPrefix(".") else { continue }
            let isDirectory = (try? item.resourceValues(forKeys: keys).isDirectory) ?? false
            if isDirectory {
                result.append(directory + name + "/")
            } else if Self.imageExtensions.contains(item.pathExtension.lowercased()) {
                result.append(directory + name)
            }
        }
        return Array(result.sorted().prefix(limit))
    }

    static let imageExtensions: Set<String> = ["png", "jpg", "jpeg", "webp"]

    /// The longest beginning that all candidates share.
    static func commonPrefix(_ candidates: [String]) -> String {
        guard var common = candidates.first else { return "" }
        for candidate in candidates.dropFirst() { common = common.commonPrefix(with: candidate) }
        return common
    }

    /// The paths in what terminals paste for dropped files: raw, quoted, backslash-escaped or `file://`, several at once.
    package static func paths(inPaste text: String) -> [String] {
        var result: [String] = []
        var current = ""
        var quote: Character?
        var escaped = false
        func finish() {
            if !current.isEmpty { result.append(current) }
            current = ""
        }
        // A raw path may hold spaces: a paste of one line that begins like one path is one path.
        let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if line.hasPrefix("/"), !line.contains("\n"), !line.contains("\\"), FileManager.default.fileExists(atPath: line)
        {
            return [line]
        }
        for character in line {
            if escaped {
                current.append(character)
                escaped = false
            } else if let open = quote {
                if character == open { quote = nil } else { current.append(character) }
            } else if character == "\\" {
                escaped = true
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character.isWhitespace {
                finish()
            } else {
                current.append(character)
            }
        }
        finish()
        return result.compactMap { item in
            guard item.hasPrefix("file://") else { return item }
            guard let url = URL(string: item), url.host ?? "" == "" || url.host == "localhost" else { return nil }
            return url.path
        }
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
