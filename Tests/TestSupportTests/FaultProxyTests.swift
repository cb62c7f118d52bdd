import Core
import Foundation
import TestSupport
import Testing

@Suite("Faults on the way")
struct FaultProxyTests {
    /// Gives back what it gets, doubled.
    private func makeEcho() throws -> Listener {
        try Listener { connection in
            while case let piece = connection.read(), !piece.isEmpty { connection.write(piece + piece) }
        }
    }

    @Test func bytesPassBothWaysAndAreKept() throws {
        let echo = try makeEcho()
        let proxy = try FaultProxy(upstream: echo.port)
        let client = try #require(Connection(to: proxy.port))
        client.write(Data("abc".utf8))
        #expect(client.read() == Data("abcabc".utf8))
        #expect(proxy.sent == [Data("abc".utf8)])
        #expect(proxy.received == [Data("abcabc".utf8)])
    }

    @Test func refusingBreaksNewConnections() throws {
        let echo = try makeEcho()
        let proxy = try FaultProxy(upstream: echo.port)
        proxy.setFault(.refuse)
        let client = Connection(to: proxy.port)
        client?.write(Data("abc".utf8))
        #expect(client?.read() ?? Data() == Data())
        #expect(proxy.sent == [])
    }

    @Test func aCutComesAfterItsBytes() throws {
        let echo = try makeEcho()
        let proxy = try FaultProxy(upstream: echo.port)
        proxy.setFault(.cut(.down, after: 4))
        let client = try #require(Connection(to: proxy.port))
        client.write(Data("abc".utf8))
        let got = client.read()
        #expect(Data("abca".utf8).starts(with: got))
        #expect(proxy.waitForFault(20))
        #expect(client.read() == Data())
    }

    @Test func aStallHoldsTheAnswerBackFromItsTriggerOn() throws {
        let echo = try makeEcho()
        let proxy = try FaultProxy(upstream: echo.port)
        proxy.setFault(.stall(.down, after: 0), trigger: "now!")
        let client = try #require(Connection(to: proxy.port))
        client.write(Data("abc".utf8))
        #expect(client.read() == Data("abcabc".utf8))
        client.write(Data("no".utf8))
        #expect(client.read() == Data("nono".utf8))
        client.write(Data("w!".utf8))
        #expect(proxy.waitForHeldBytes(20))
        #expect(proxy.received.first?.suffix(4) == Data("w!w!".utf8))
        proxy.dropConnections()
        #expect(client.read() == Data())
    }

    @Test func offlineNobodyListensAndOnlineTheSamePortDoes() throws {
        let echo = try makeEcho()
        let proxy = try FaultProxy(upstream: echo.port)
        let before = try #require(Connection(to: proxy.port))
        before.write(Data("abc".utf8))
        #expect(before.read() == Data("abcabc".utf8))
        proxy.goOffline()
        #expect(before.read() == Data())
        #expect(Connection(to: proxy.port) == nil)
        try proxy.goOnline()
        let after = try #require(Connection(to: proxy.port))
        after.write(Data("abc".utf8))
        #expect(after.read() == Data("abcabc".utf8))
    }
}
