import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct BadInput {
        struct Case: Sendable, CustomTestStringConvertible {
            var name: String
            var arguments: [String]
            var exitCode: Int32 = 2
            var testDescription: String { name }
        }

        private static let cases: [Case] = [
            Case(name: "a missing file", arguments: ["protect", "none.png"]),
            Case(name: "a directory", arguments: ["protect", "folder"]),
            Case(name: "not an image", arguments: ["protect", "text.png"]),
            Case(name: "an empty file", arguments: ["protect", "empty.png"]),
            Case(name: "a cut-off image", arguments: ["protect", "cut.png"]),
            Case(name: "more pixels than are read", arguments: ["protect", "huge.png"]),
            Case(name: "an animation", arguments: ["protect", "animated.gif"]),
            Case(name: "a payload that is too short", arguments: ["protect", "good.png", "--payload", "123"]),
            Case(
                name: "a payload that is not hex", arguments: ["protect", "good.png", "--payload", "zzzzzzzzzzzzzzzz"]),
            Case(name: "an unknown recipe", arguments: ["protect", "good.png", "--recipe", "nonesuch"]),
            Case(name: "an unknown method", arguments: ["protect", "good.png", "--methods", "magic"]),
            Case(
                name: "an encoder that is none",
                arguments: ["protect", "good.png", "--methods", "cloak", "--encoder", "text.png"]),
            Case(
                name: "an encoder that is missing",
                arguments: ["protect", "good.png", "--methods", "cloak", "--encoder", "none.safetensors"]),
            Case(name: "an unknown format", arguments: ["protect", "good.png", "--format", "bmp"]),
            Case(name: "a quality out of range", arguments: ["protect", "good.png", "--quality", "0"]),
            Case(name: "an output that exists", arguments: ["protect", "good.png", "-o", "taken.png"]),
            Case(name: "the input as output", arguments: ["protect", "good.png", "-o", "good.png"]),
            Case(name: "a folder that does not exist", arguments: ["protect", "good.png", "-o", "nowhere/out.png"]),
            Case(
                name: "an output folder that does not exist",
                arguments: ["protect", "good.png", "--output-dir", "nowhere"]),
            Case(name: "one output for two inputs", arguments: ["protect", "good.png", "taken.png", "-o", "out.png"]),
            Case(name: "verifying a missing file", arguments: ["verify", "none.png"]),
            Case(name: "verifying what is no image", arguments: ["verify", "text.png"]),
            Case(name: "an image without a mark", arguments: ["verify", "good.png"], exitCode: 1),
            Case(name: "publishing before logging in", arguments: ["publish", "good.png"], exitCode: 4),
            Case(name: "asking who one is before logging in", arguments: ["whoami"], exitCode: 4),
            Case(
                name: "a server that is not one",
                arguments: ["login", "ftp://x", "--username", "u", "--password-stdin"]),
            Case(
                name: "a server that is away",
                arguments: ["login", "http://127.0.0.1:9", "--username", "u", "--password-stdin"], exitCode: 3),
            Case(name: "an unknown command", arguments: ["nonesuch"]),
            Case(name: "an unknown option", arguments: ["protect", "good.png", "--nonesuch"]),
        ]

        /// One clear sentence, the documented exit code, and nothing changed on the disk.
        @Test(.needs([Tools.convert]), arguments: cases)
        func badInputEndsInOneSentence(_ wrong: Case) throws {
            let artist = try Artist()
            let folder = try makeFolder(artist.home)
            let before = try contents(of: folder)
            let result = try artist.run(wrong.arguments, input: "word\n", directory: folder)
            #expect(result.exitCode == wrong.exitCode, "\(result.ending) \(result.errors)")
            let said = result.errors.split(separator: "\n")
            if wrong.name != "an image without a mark" {
                #expect(!said.isEmpty)
                // A usage text may follow what the argument parser says.
                #expect(said.count <= 1 || said[1].hasPrefix("Usage:") || said[1].contains("sage"), "\(result.errors)")
                #expect(!result.errors.contains("Fatal error"))
            }
            #expect(Harmless.offences(in: result.errorData) == [])
            #expect(try contents(of: folder) == before)
        }

        /// A mistyped command is named, with the one that was probably meant.
        @Test func anUnknownCommandIsNamed() throws {
            let result = try Artist().run(["protct", "good.png"])
            #expect(result.exitCode == 2)
            #expect(result.errors.contains("'protct'"))
            #expect(result.errors.contains("'protect'"))
            #expect(result.errors.split(separator: "\n").count == 1)
        }

        /// Neither the file nor a folder that nobody may read is a reason for more than a sentence.
        @Test(.enabled(if: getuid() != 0, "root may read everything"))
        func unreadableFilesEndInOneSentence() throws {
            let artist = try Artist()
            let file = try artist.home.file("closed/picture.png", Data("x".utf8))
            chmod(file.deletingLastPathComponent().path, 0)
            defer { chmod(file.deletingLastPathComponent().path, 0o700) }
            let result = try artist.run(["protect", file.path])
            #expect(result.exitCode == 2)
            #expect(result.errors.split(separator: "\n").count == 1)
        }

        private func makeFolder(_ home: TemporaryDirectory) throws -> URL {
            let folder = home.path("pictures")
            let drawn = DrawnPicture.landscape(width: 320, height: 240).portablePixmap
            let source = try home.file("drawn.ppm", drawn)
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("folder"), withIntermediateDirectories: true)
            func place(_ name: String) -> URL { folder.appendingPathComponent(name) }
            try Tools.run("convert", [source.path, place("good.png").path])
            try Tools.run("convert", [source.path, "-flop", place("taken.png").path])
            try Tools.run(
                "convert", ["-delay", "10", source.path, "(", source.path, "-flip", ")", place("animated.gif").path])
            try Data("only words".utf8).write(to: place("text.png"))
            try Data().write(to: place("empty.png"))
            try Data(contentsOf: place("good.png")).prefix(20_000).write(to: place("cut.png"))
            try hugeHeader().write(to: place("huge.png"))
            return folder
        }

        /// A PNG (ISO/IEC 15948) whose header promises 60000×60000 pixels, and little else.
        private func hugeHeader() -> Data {
            var data = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            func chunk(_ type: String, _ body: [UInt8]) {
                let typed = Array(type.utf8) + body
                withUnsafeBytes(of: UInt32(body.count).bigEndian) { data.append(contentsOf: $0) }
                data.append(contentsOf: typed)
                withUnsafeBytes(of: checksum(typed).bigEndian) { data.append(contentsOf: $0) }
            }
            chunk("IHDR", [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0])
            // An empty deflate stream (RFC 1950).
            chunk("IDAT", [0x78, 0x9C, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01])
            chunk("IEND", [])
            return data
        }

        /// CRC-32 of ISO 3309, bit by bit.
        private func checksum(_ bytes: [UInt8]) -> UInt32 {
            ~bytes.reduce(UInt32.max) { sum, byte in
                (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
            }
        }

        /// Every file with its bytes' digest and its permissions.
        private func contents(of folder: URL) throws -> [String: String] {
            var found: [String: String] = [:]
            for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
                let path = folder.appendingPathComponent(name).path
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                let bytes = FileManager.default.contents(atPath: path) ?? Data()
                found[name] = "\(bytes.count) \(bytes.hashValue) \(attributes[.posixPermissions] ?? "")"
            }
            return found
        }
    }
}
