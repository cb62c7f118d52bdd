import Foundation
import Server
import Testing

struct FormTests {
    @Test func readsJSONFormsAndListsAlike() throws {
        let json = try Form(
            json: Data(#"{"status":"水 & more","media_ids":["1","2"],"sensitive":true,"n":3,"x":{"y":null}}"#.utf8))
        let form = try Form(
            urlEncoded: "status=%E6%B0%B4+%26+more&media_ids[]=1&media_ids%5B%5D=2&sensitive=1&n=3")
        for parsed in [json, form] {
            #expect(parsed.string("status") == "水 & more")
            #expect(parsed.strings("media_ids") == ["1", "2"])
            #expect(parsed.bool("sensitive") == true)
            #expect(try parsed.int("n") == 3)
        }
    }

    @Test(arguments: [("1", true), ("true", true), ("on", true), ("0", false), ("false", false), ("", false)])
    func readsTruthValues(_ text: String, _ expected: Bool) throws {
        #expect(try Form(urlEncoded: "a=\(text)").bool("a") == expected)
        #expect(try Form(urlEncoded: "b=1").bool("a") == nil)
    }

    @Test func readsListsOfObjects() throws {
        let indexed = try Form(json: Data(#"{"f":[{"name":"a","value":"1"},{"name":"b","value":"2"}]}"#.utf8))
        let rails = try Form(urlEncoded: "f[][name]=a&f[][value]=1&f[][name]=b&f[][value]=2")
        let expected = [["name": "a", "value": "1"], ["name": "b", "value": "2"]]
        #expect(indexed.objects("f") == expected)
        #expect(rails.objects("f") == expected)
    }

    @Test func refusesDeepAndManyValues() {
        let deep = String(repeating: "{\"a\":", count: 20) + "1" + String(repeating: "}", count: 20)
        #expect(throws: APIError.self) { try Form(json: Data(deep.utf8)) }
        let many = (0...2_100).map { "a\($0)=1" }.joined(separator: "&")
        #expect(throws: APIError.self) { try Form(urlEncoded: many[...]) }
    }

    @Test func multipartComesApartTheSameInPiecesOfAnySize() throws {
        let tricky = Data("\r\n--\(Multipart.boundary.dropLast())\r\n\r\n--".utf8) + Data([0, 255, 13, 10, 45])
        let body = Multipart.body([
            Multipart.Part(name: "file", fileName: "x \u{6C34}.png", data: tricky),
            Multipart.Part(name: "empty", data: Data()), Multipart.Part(name: "a[]", data: Data("1".utf8)),
        ])
        for size in [1, 2, 3, 7, 64, body.count] {
            var parser = try #require(MultipartParser(contentType: Multipart.type))
            var parts: [(name: String, data: [UInt8])] = []
            var start = body.startIndex
            while start < body.endIndex {
                let end = min(start + size, body.endIndex)
                for event in try parser.feed(body[start..<end]) {
                    switch event {
                    case .begin(let name, _): parts.append((name, []))
                    case .data(let bytes): parts[parts.count - 1].data += bytes
                    case .end: break
                    }
                }
                start = end
            }
            #expect(parser.isFinished)
            #expect(parts.map(\.name) == ["file", "empty", "a[]"])
            #expect(parts.map { Data($0.data) } == [tricky, Data(), Data("1".utf8)])
        }
    }

    @Test func multipartWithoutEndIsNotFinished() throws {
        var parser = try #require(MultipartParser(contentType: "multipart/form-data; boundary=\"b\""))
        _ = try parser.feed(Data("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nhalf".utf8))
        #expect(!parser.isFinished)
        #expect(MultipartParser(contentType: "multipart/form-data") == nil)
        #expect(MultipartParser(contentType: "application/json") == nil)
    }
}
