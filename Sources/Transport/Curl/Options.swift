import CCurl
import Core
import Foundation

/// Sets options on a handle; the first that libcurl refuses is an error.
struct Options {
    private let curl: UnsafeMutableRawPointer

    init(_ curl: UnsafeMutableRawPointer) { self.curl = curl }

    func check(_ code: CURLcode) throws {
        guard code == CURLE_OK else {
            throw HTTPFailure(.invalid, "the request cannot be made: \(String(cString: curl_easy_strerror(code)))")
        }
    }

    func set(_ option: CURLoption, _ value: Int) throws { try check(fixative_curl_set_long(curl, option, value)) }

    func set(_ option: CURLoption, _ value: String) throws { try check(fixative_curl_set_string(curl, option, value)) }

    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) throws {
        try check(fixative_curl_set_pointer(curl, option, value))
    }

    /// What is the same for every request.
    func apply(_ configuration: CurlClient.Configuration, timeout: Duration) throws {
        // No SIGALRM for timeouts: there is more than one thread.
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_USERAGENT, configuration.userAgent)
        try set(CURLOPT_ACCEPT_ENCODING, "gzip")
        // Pages of statuses and pictures come in far fewer calls than with libcurl's own 16 kB.
        try set(CURLOPT_BUFFERSIZE, 128 << 10)
        try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(configuration.connectTimeout * 1000)))
        try set(CURLOPT_TIMEOUT_MS, max(1, Int(timeout / .milliseconds(1))))
        try set(CURLOPT_LOW_SPEED_LIMIT, configuration.lowSpeedBytesPerSecond)
        try set(CURLOPT_LOW_SPEED_TIME, configuration.lowSpeedSeconds)
        if let file = configuration.certificateAuthorities { try set(CURLOPT_CAINFO, file.path) }
    }

    /// Sets the header lines; the list must live until the transfer has ended, then be freed.
    func headers(of request: HTTPRequest) throws -> UnsafeMutablePointer<curl_slist>? {
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        if let token = request.bearerToken { lines.append("Authorization: Bearer \(token)") }
        // Waiting for "100 Continue" costs a second on servers that do not send it.
        lines.append("Expect:")
        if !request.headers.contains(where: { $0.name.caseInsensitiveCompare("Content-Type") == .orderedSame }),
            !isMultipart(request)
        {
            // libcurl would call every body a form.
            lines.append("Content-Type:")
        }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                throw HTTPFailure(.invalid, "out of memory")
            }
            list = longer
        }
        try check(fixative_curl_set_headers(curl, list))
        // See `CurlClient`: libcurl may repeat a request on its own when it reuses a connection.
        let isRepeatable =
            request.isIdempotent ?? ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains(request.method)
        try set(CURLOPT_FRESH_CONNECT, isRepeatable ? 0 : 1)
        return list
    }

    private func isMultipart(_ request: HTTPRequest) -> Bool {
        if case .multipart = request.body { return true }
        return false
    }
}
