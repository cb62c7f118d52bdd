import Core
import Foundation
import Testing

@Suite struct IdentifiersTests {
    @Test func clientIDsAreVersion7AndOrderedByTime() {
        let early = ClientID(at: Date(timeIntervalSince1970: 1_000_000)).description
        let late = ClientID(at: Date(timeIntervalSince1970: 2_000_000)).description
        #expect(early < late)
        #expect(Array(early)[14] == "7")
        #expect("89ab".contains(Array(early)[19]))
        #expect(ClientID(early)?.description == early)
        #expect(ClientID("not a uuid") == nil)
    }

    @Test func clientIDsDiffer() {
        let date = Date()
        #expect(Set((0..<1_000).map { _ in ClientID(at: date) }).count == 1_000)
    }

    @Test(arguments: [0, 1, UInt64.max, 0x0123_4567_89AB_CDEF])
    func markIDsAreSixteenHexDigits(value: UInt64) {
        let id = MarkID(rawValue: value)
        #expect(id.description.utf8.count == 16)
        #expect(MarkID(id.description) == id)
    }

    @Test(arguments: ["", "123", "zzzzzzzzzzzzzzzz", "0123456789abcdef0", "+123456789abcdef"])
    func otherTextIsNoMarkID(text: String) {
        #expect(MarkID(text) == nil)
    }

    @Test func aBlobIsNamedByItsBytes() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(BlobID(of: Data("abc".utf8)).description == expected)
    }
}
