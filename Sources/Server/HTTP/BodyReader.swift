import Core
import Foundation
import Hummingbird

/// Reads the body of a request into a `Form`, within limits of bytes and of time.
struct BodyReader {
    /// For everything that is not a file.
    static let maximumFieldBytes = 1 << 20

    let objects: any ObjectStore
    let clock: any WallClock
    /// Largest file.
    var maximumFileBytes: Int
    /// Longest time that a body may take, in seconds: slow clients are cut off.
    var maximumSeconds: TimeInterval

    func read(_ request: Request) async throws -> Form {
        var form = try Form(urlEncoded: (request.uri.query ?? "")[...])
        guard [.post, .put, .patch, .delete].contains(request.method) else { return form }
        let type = request.headers[.contentType] ?? ""
        if let parser = MultipartParser(contentType: type) {
            try await readMultipart(request, parser, into: &form)
            return form
        }
        let bytes = try await collect(request)
        if bytes.isEmpty { return form }
        if type.lowercased().hasPrefix("application/json") {
            try form.append(contentsOf: Form(json: bytes))
        } else if type.lowercased().hasPrefix("application/x-www-form-urlencoded") {
            try form.append(contentsOf: Form(urlEncoded: String(decoding: bytes, as: UTF8.self)[...]))
        } else {
            throw APIError(.unsupportedMediaType, "Send JSON, a form or multipart/form-data")
        }
        return form
    }

    private func collect(_ request: Request) async throws -> Data {
        try checkLength(request, Self.maximumFieldBytes)
        let start = clock.now()
        var data = Data()
        for try await piece in request.body {
            data.append(contentsOf: piece.readableBytesView)
            if data.count > Self.maximumFieldBytes { throw APIError.tooLarge }
            try checkTime(since: start)
        }
        return data
    }

    private func readMultipart(_ request: Request, _ parser: MultipartParser, into form: inout Form) async throws {
        try checkLength(request, maximumFileBytes + Self.maximumFieldBytes)
        var parser = parser
        let start = clock.now()
        var part: Part?
        var fieldBytes = 0
        do {
            for try await piece in request.body {
                try checkTime(since: start)
                for event in try parser.feed(piece.readableBytesView) {
                    try handle(event, &part, &fieldBytes, &form)
                }
            }
            guard parser.isFinished else { throw APIError.badRequest("The multipart body ends early") }
        } catch {
            try? part?.handle?.close()
            part.flatMap(\.file).map { try? FileManager.default.removeItem(at: $0) }
            form.removeFiles()
            throw error
        }
    }

    /// The part that is being read.
    private struct Part {
        var name: String
        var text: [UInt8] = []
        var file: URL?
        var handle: FileHandle?
        var bytes = 0
    }

    private func handle(
        _ event: MultipartParser.Event, _ part: inout Part?, _ fieldBytes: inout Int, _ form: inout Form
    ) throws {
        switch event {
        case .begin(let name, let fileName):
            part = Part(name: name)
            if fileName != nil {
                guard form.files.count < 4 else { throw APIError.badRequest("Too many files") }
                let url = try objects.makeTemporaryFile()
                part?.file = url
                part?.handle = try FileHandle(forWritingTo: url)
            }
        case .data(let bytes):
            part?.bytes += bytes.count
            if let handle = part?.handle {
                guard (part?.bytes ?? 0) <= maximumFileBytes else { throw APIError.tooLarge }
                try handle.write(contentsOf: bytes)
            } else {
                fieldBytes += bytes.count
                guard fieldBytes <= Self.maximumFieldBytes else { throw APIError.tooLarge }
                part?.text += bytes
            }
        case .end:
            guard let done = part else { return }
            if let file = done.file {
                try done.handle?.close()
                if let earlier = form.files.removeValue(forKey: done.name) {
                    try? FileManager.default.removeItem(at: earlier.url)
                }
                form.files[done.name] = Form.File(url: file, bytes: done.bytes)
            } else {
                try form.append(done.name, String(decoding: done.text, as: UTF8.self))
            }
            part = nil
        }
    }

    private func checkLength(_ request: Request, _ limit: Int) throws {
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw APIError.tooLarge
        }
    }

    private func checkTime(since start: Date) throws {
        if clock.now().timeIntervalSince(start) > maximumSeconds {
            throw APIError(.requestTimeout, "The body came too slowly")
        }
    }
}

extension Form {
    /// Removes the temporary files that nobody took.
    package func removeFiles() {
        for file in files.values { try? FileManager.default.removeItem(at: file.url) }
    }
}
