import CCurl
import Core

/// libcurl's error codes in the words of `HTTPFailure`.
enum Failures {
    /// - Parameters:
    ///   - text: libcurl's own message.
    ///   - wasSent: Whether any byte of the request was written.
    static func failure(_ code: CURLcode, text: String, host: String, wasSent: Bool) -> HTTPFailure {
        HTTPFailure(kind(code, text: text, wasSent: wasSent), describe(code, text: text, host: host))
    }

    private static func kind(_ code: CURLcode, text: String, wasSent: Bool) -> HTTPFailure.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_PROXY:
            return .unreachable
        case CURLE_SSL_CONNECT_ERROR:
            // The other side closed the connection during the handshake: no judgement about trust.
            let isBroken = text.contains("SSL_ERROR_SYSCALL") || text.contains("reset by peer")
            return isBroken ? .unreachable : .tls
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE:
            return .tls
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_LOGIN_DENIED, CURLE_BAD_FUNCTION_ARGUMENT,
            CURLE_FAILED_INIT, CURLE_OUT_OF_MEMORY, CURLE_READ_ERROR:
            return wasSent ? .interrupted : .invalid
        default:
            return wasSent ? .interrupted : .unreachable
        }
    }

    private static func describe(_ code: CURLcode, text: String, host: String) -> String {
        let message = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        // A server can put its own words into some of these messages.
        let safe = message.unicodeScalars.prefix(300).filter { (0x20...0x7E).contains($0.value) }
        return "\(host): \(String(String.UnicodeScalarView(safe)))"
    }
}
