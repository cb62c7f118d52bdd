import CCurl
import Core
import Foundation

/// One request and its answer on one handle: what libcurl's callbacks talk to.
final class Exchange {
    struct Answer {
        var response: HTTPResponse
        /// The absolute URL of the `Location` header.
        var redirectURL: String?
    }

    /// Longest header section of an answer, in bytes.
    private static let maximumHeaderBytes = 256 << 10
    /// libcurl's own 64 kB cost a fast network a third of its throughput.
    private static let uploadBufferBytes = 512 << 10

    private let request: HTTPRequest
    private let handle: Handle
    private let progress: (@Sendable (Int64, Int64) -> Bool)?

    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    private var body = Data()
    private var isTooLarge = false
    private var isCancelled = false
    private var upload: Upload?

    init(_ request: HTTPRequest, handle: Handle, progress: (@Sendable (Int64, Int64) -> Bool)?) {
        self.request = request
        self.handle = handle
        self.progress = progress
    }

    func run(_ configuration: CurlClient.Configuration, timeout: Duration) throws -> Answer {
        try RequestCheck.check(request)
        let curl = handle.pointer
        var text = [CChar](repeating: 0, count: fixative_curl_error_size)
        return try text.withUnsafeMutableBufferPointer { text in
            let options = Options(curl)
            try options.apply(configuration, timeout: timeout)
            try options.set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(text.baseAddress))
            try options.set(CURLOPT_URL, request.url.absoluteString)
            let form = try attachBody(options)
            defer { if let form { curl_mime_free(form) } }
            let list = try options.headers(of: request)
            defer { curl_slist_free_all(list) }
            try attachCallbacks(options)

            let code = curl_easy_perform(curl)
            if code != CURLE_OK { throw failure(code, String(decoding: bytes(of: text), as: UTF8.self)) }
            return Answer(
                response: HTTPResponse(
                    status: fixative_curl_get_long(curl, CURLINFO_RESPONSE_CODE), headers: headers, body: body),
                redirectURL: fixative_curl_get_string(curl, CURLINFO_REDIRECT_URL).map { String(cString: $0) })
        }
    }

    // MARK: What goes out

    /// Sets method and body; the form, where there is one, must live until the transfer has ended.
    private func attachBody(_ options: Options) throws -> OpaquePointer? {
        let method = request.method
        var form: OpaquePointer?
        switch request.body {
        case .none:
            switch method {
            case "GET": try options.set(CURLOPT_HTTPGET, 1)
            case "HEAD": try options.set(CURLOPT_NOBODY, 1)
            case "POST", "PUT", "PATCH":
                try attach(Upload(.data(Data())), options)
            default: break
            }
        case .data(let data): try attach(Upload(.data(data)), options)
        case .file(let url, let offset, let length):
            try attach(Upload(.file(url, offset: offset, length: length)), options)
        case .multipart(let parts):
            form = try Multipart.form(parts, on: handle.pointer)
            try options.set(CURLOPT_UPLOAD_BUFFERSIZE, Self.uploadBufferBytes)
            try options.check(fixative_curl_set_mime(handle.pointer, form))
        }
        if method != "GET" && method != "HEAD" { try options.set(CURLOPT_CUSTOMREQUEST, method) }
        return form
    }

    private func attach(_ upload: Upload, _ options: Options) throws {
        self.upload = upload
        if upload.length > Self.uploadBufferBytes { try options.set(CURLOPT_UPLOAD_BUFFERSIZE, Self.uploadBufferBytes) }
        try options.set(CURLOPT_POST, 1)
        try options.check(
            fixative_curl_set_offset(handle.pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(upload.length)))
    }

    // MARK: What comes back

    private func attachCallbacks(_ options: Options) throws {
        // Valid while `run` is on the stack, and libcurl calls back only from within `curl_easy_perform`.
        let context = Unmanaged.passUnretained(self).toOpaque()
        let curl = handle.pointer
        try options.check(
            fixative_curl_on_body(
                curl,
                { bytes, size, count, context in
                    Exchange.from(context).receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
                }, context))
        try options.check(
            fixative_curl_on_header(
                curl,
                { bytes, size, count, context in
                    Exchange.from(context).receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
                }, context))
        try options.check(
            fixative_curl_on_progress(
                curl,
                { context, _, _, total, sent in Exchange.from(context).tick(sent: Int64(sent), total: Int64(total)) },
                context))
        guard upload != nil else { return }
        try options.check(
            fixative_curl_from(
                curl,
                { bytes, size, count, context in
                    let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
                    return Exchange.from(context).upload?.read(into: room) ?? 0
                },
                { context, offset, origin in
                    guard origin == SEEK_SET, Exchange.from(context).upload?.seek(to: Int64(offset)) == true else {
                        return 1
                    }
                    return 0
                }, context))
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Exchange {
        Unmanaged<Exchange>.fromOpaque(context!).takeUnretainedValue()
    }

    /// A return value other than the number of bytes given ends the transfer.
    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard body.count + bytes.count <= request.maximumResponseBytes else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }

    private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        headerBytes += bytes.count
        guard headerBytes <= Self.maximumHeaderBytes else {
            isTooLarge = true
            return 0
        }
        let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
        if line.hasPrefix("HTTP/") {
            // An interim answer (1xx) came before this one.
            headers = []
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers.append((String(line[..<colon]), value))
        }
        return bytes.count
    }

    private func tick(sent: Int64, total: Int64) -> Int32 {
        guard let progress, !progress(sent, total) else { return 0 }
        isCancelled = true
        return 1
    }

    // MARK: Failure

    private func failure(_ code: CURLcode, _ text: String) -> HTTPFailure {
        if isCancelled { return HTTPFailure(.cancelled, "cancelled") }
        if isTooLarge {
            return HTTPFailure(.tooLarge, "the answer of \(request.url.host ?? "") is larger than allowed")
        }
        if let problem = upload?.problem { return HTTPFailure(.invalid, problem) }
        let wasSent = fixative_curl_get_long(handle.pointer, CURLINFO_REQUEST_SIZE) > 0
        return Failures.failure(code, text: text, host: request.url.host ?? "", wasSent: wasSent)
    }
}

/// The bytes before the terminating zero.
private func bytes(of text: UnsafeMutableBufferPointer<CChar>) -> [UInt8] {
    text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
}
