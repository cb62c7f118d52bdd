import Core
import Foundation

/// Fetching pictures. They may lie on any host, so they are asked for without a token.
struct MediaDownload: Sendable {
    let http: any HTTPClient
    /// The community's own server.
    let server: URL

    static let previewLimit = 8 << 20
    static let originalLimit = 64 << 20

    func fetch(_ address: String, limit: Int) throws -> Data {
        guard let url = URL(string: address), let scheme = url.scheme?.lowercased(), let host = url.host else {
            throw ServerFault.refused(status: 0, "A picture has no usable address.")
        }
        guard scheme == "https" || scheme == "http" else {
            throw ServerFault.refused(status: 0, "A picture's address is not on the web.")
        }
        // A community on the internet has no business with what listens on this machine.
        if LocalAddress.isLoopback(host), !LocalAddress.isLoopback(server.host ?? "") {
            throw ServerFault.refused(status: 0, "A picture's address points at this machine.")
        }
        let response: HTTPResponse
        do {
            response = try http.send(
                HTTPRequest(url: url, headers: [("Accept", "image/*")], timeout: 60, maximumResponseBytes: limit))
        } catch let failure as HTTPFailure {
            throw FaultSorter.fault(of: failure, host: Sanitiser.line(host, limit: 100))
        }
        guard response.status == 200 else {
            throw ServerFault.refused(status: response.status, "A picture is not there (\(response.status)).")
        }
        return response.body
    }
}

/// Names of this machine.
enum LocalAddress {
    static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: "[]."))
        return name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || name == "0.0.0.0"
            || name.hasPrefix("127.") || name.hasPrefix("::ffff:127.")
    }
}
