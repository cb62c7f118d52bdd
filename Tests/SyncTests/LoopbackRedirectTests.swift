import Core
import Foundation
import Sync
import Synchronization
import Testing
import Transport

@Suite struct LoopbackRedirectTests {
    private func visit(_ address: String) -> HTTPResponse? {
        URL(string: address).flatMap { try? CurlClient().send(HTTPRequest(url: $0, timeout: 10)) }
    }

    @Test func theBrowsersAnswerEndsTheWaitAndAStrangersDoesNot() throws {
        let redirect = try LoopbackRedirect()
        #expect(redirect.address.hasPrefix("http://127.0.0.1:"))
        let answers = Mutex<[Int]>([])
        let browser = Thread {
            for query in ["favicon.ico", "?code=evil&state=other", "?state=mine", "?code=good%20one&state=mine"] {
                let status = self.visit(redirect.address + query)?.status ?? 0
                answers.withLock { $0.append(status) }
            }
        }
        browser.start()
        #expect(redirect.code(state: "mine", input: nil, seconds: 60) == "good one")
        while answers.withLock({ $0.count }) < 4 { usleep(1_000) }
        #expect(answers.withLock { $0 } == [404, 404, 404, 200])
    }

    @Test(
        arguments: [
            ("abc\n", "abc"), ("\n  abc  \n", "abc"), ("http://127.0.0.1:1/?code=x&state=mine\n", "x"),
            ("http://127.0.0.1:1/?code=x&state=other\n", nil), ("", nil),
        ] as [(String, String?)])
    func whatIsTypedCountsToo(_ typed: String, _ code: String?) throws {
        let redirect = try LoopbackRedirect()
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data(typed.utf8))
        try pipe.fileHandleForWriting.close()
        let found = redirect.code(state: "mine", input: pipe.fileHandleForReading.fileDescriptor, seconds: 10)
        #expect(found == code)
    }
}
