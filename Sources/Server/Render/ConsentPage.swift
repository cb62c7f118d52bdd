import API
import Foundation
import Hummingbird

/// The one page that people see in a browser: log in and allow an application.
enum ConsentPage {
    private static let style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem;color:#222;\
        background:#faf9f7}h1{font-size:1.3rem}label{display:block;margin:.8rem 0 .2rem}input{width:100%;\
        box-sizing:border-box;padding:.5rem;font:inherit;border:1px solid #999;border-radius:4px}button{margin-top:1.2rem;\
        padding:.6rem 1.2rem;font:inherit;border:0;border-radius:4px;background:#2b4c7e;color:#fff}\
        .error{color:#a11}code{word-break:break-all;font-size:1.1rem}
        """

    static func ask(_ request: OAuthService.Authorization, title: String, message: String?) -> Response {
        let hidden: [(String, String?)] = [
            ("response_type", "code"), ("client_id", request.app.clientID), ("redirect_uri", request.redirectURI),
            ("scope", request.scopes.description), ("state", request.state), ("code_challenge", request.challenge),
            ("code_challenge_method", request.challenge == nil ? nil : "S256"),
        ]
        let fields = hidden.compactMap { name, value in
            value.map { "<input type=\"hidden\" name=\"\(name)\" value=\"\(HTMLText.escape($0))\">" }
        }
        let error = message.map { "<p class=\"error\" role=\"alert\">\(HTMLText.escape($0))</p>" } ?? ""
        let body = """
            <h1>\(HTMLText.escape(title))</h1>
            <p><strong>\(HTMLText.escape(request.app.name))</strong> asks for access to your account:
            \(HTMLText.escape(request.scopes.description)).</p>\(error)
            <form method="post" action="/oauth/authorize">\(fields.joined())
            <label for="username">User name or e-mail</label>
            <input id="username" name="username" autocomplete="username" required autofocus>
            <label for="password">Password</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required>
            <button type="submit">Log in and allow</button></form>
            """
        return page(body, status: message == nil ? .ok : .unauthorized, formTarget: target(of: request.redirectURI))
    }

    static func showCode(_ code: String) -> Response {
        page("<h1>Copy this code into the application</h1><p><code>\(HTMLText.escape(code))</code></p>", status: .ok)
    }

    static func refuse(_ error: APIError) -> Response {
        var response = page(
            "<h1>This does not work</h1><p class=\"error\">\(HTMLText.escape(error.detail ?? error.error))</p>",
            status: error.status)
        response.headers.append(contentsOf: error.headers)
        return response
    }

    /// Browsers apply `form-action` to the redirect after a form, too.
    private static func target(of redirect: String) -> String {
        guard let url = URLComponents(string: redirect), let scheme = url.scheme,
            scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { return "" }
        guard scheme == "http" || scheme == "https" else { return " \(scheme):" }
        guard let host = url.host,
            host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-.:[]".contains($0)) })
        else { return "" }
        return " \(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "")
    }

    private static func page(_ body: String, status: HTTPResponse.Status, formTarget: String = "") -> Response {
        let html = """
            <!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1"><title>Log in</title>
            <style>\(style)</style></head><body>\(body)</body></html>
            """
        let policy = """
            default-src 'none'; style-src 'unsafe-inline'; form-action 'self'\(formTarget); base-uri 'none'; \
            frame-ancestors 'none'
            """
        return Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: policy, .cacheControl: "no-store",
                .init("X-Frame-Options")!: "DENY",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}
