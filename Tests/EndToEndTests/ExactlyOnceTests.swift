import Core
import Foundation
import TestSupport
import Testing

extension EndToEnd {
    @Suite struct ExactlyOnce {
        private static let pictures = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("shared/data/images/1024x768")
        private static let hasPictures = FileManager.default.fileExists(atPath: pictures.path)

        /// Six pictures online, six offline, four kills in the middle of sending: twelve statuses, each with its own
        /// mark, and nothing of the originals anywhere but here.
        @Test(
            .enabled(if: hasPictures, "the pictures of ../shared/data/images/1024x768 are not here"),
            .needs([Tools.exiftool, Tools.convert]), .timeLimit(.minutes(30)))
        func twelvePicturesArriveOnceAndNothingElseDoes() throws {
            let community = try Community()
            try community.createAccount("mei", password: "correct horse battery staple")
            try community.start()
            let proxy = try FaultProxy(upstream: UInt16(community.port))
            let artist = try Artist("mei")
            try artist.succeed(
                ["login", "http://127.0.0.1:\(proxy.port)", "--username", "mei", "--password-stdin"],
                input: "correct horse battery staple\n")

            let originals = try Originals(from: Self.pictures, into: artist.home)
            try #require(originals.files.count == 12)
            #expect(originals.markerCount >= 12 * 4)

            for (number, file) in originals.files.prefix(6).enumerated() {
                let result = try artist.run(publish(file, number) + ["--wait"], timeout: 600)
                #expect(result.exitCode == 0, "\(result.output) \(result.errors)")
            }
            #expect(try community.statuses(of: try artist.accountID()).count == 6)

            try community.stop()
            proxy.goOffline()
            for (number, file) in originals.files.enumerated().dropFirst(6) {
                let result = try artist.run(publish(file, number), timeout: 600)
                #expect(result.exitCode == 3, "\(result.ending) \(result.output) \(result.errors)")
            }
            #expect(try artist.queue(all: false).count == 6)

            try community.start()
            try proxy.goOnline()
            try killWhileSending(artist, proxy)
            let isDrained = try artist.drain(within: 300)
            let left = try artist.run(["queue"]).output
            #expect(isDrained, "\(left)")

            try checkServer(community, artist, originals)
            let sent = proxy.sent
            // What is meant to be sent is found in what was recorded: so would be what is not.
            var control = ByteHunt()
            for number in 0..<12 { control.add(Array("Piece \(number) of twelve".utf8), named: "\(number)") }
            #expect(Set(sent.flatMap { control.found(in: $0) }).count == 12)
            #expect(sent.reduce(0) { $0 + $1.count } > 1 << 20, "the proxy was not on the way")
            for bytes in sent + proxy.received { #expect(originals.hunt.found(in: bytes) == []) }
            try community.stop()
            for name in community.data.everyFile() {
                #expect(originals.hunt.found(in: try Data(contentsOf: community.data.path(name))) == [], "\(name)")
            }
            #expect(originals.hunt.found(in: Data(community.everythingLogged.utf8)) == [])
        }

        private func publish(_ file: URL, _ number: Int) -> [String] {
            [
                "publish", file.path, "--title", "Piece \(number) of twelve", "--caption", "Number \(number)", "--alt",
                "A picture", "--tag", "twelve", "--recipe", number.isMultiple(of: 2) ? "mark" : "subtle", "--json",
            ]
        }

        /// Four moments: part of a large picture sent, which goes in pieces; half of a small one; a picture received whose answer nobody hears; a status made whose
        /// answer nobody hears.
        private func killWhileSending(_ artist: Artist, _ proxy: FaultProxy) throws {
            let moments: [(fault: FaultProxy.Fault, trigger: String, isAnswer: Bool)] = [
                (.stall(.up, after: 300_000), "PATCH /api/v1/fixative/uploads", false),
                (.stall(.up, after: 20_000), "POST /api/v2/media", false),
                (.stall(.down, after: 0), "POST /api/v2/media", true),
                (.stall(.down, after: 0), "POST /api/v1/statuses", true),
            ]
            for moment in moments {
                proxy.setFault(moment.fault, trigger: moment.trigger)
                // A round may find nothing due: then the next one does.
                let found = try eventually(within: 180) {
                    let drain = try artist.start(["sync", "--once"])
                    let happened = eventually(within: 60) { () -> Bool? in
                        if moment.isAnswer ? proxy.waitForHeldBytes(0) : proxy.waitForFault(0) { return true }
                        return drain.isRunning ? nil : false
                    }
                    return happened == true ? drain : nil
                }
                let drain = try #require(found, "\(moment.trigger) was not sent")
                #expect(drain.isRunning, "it was to be killed in the middle: \(drain.output) \(drain.errors)")
                drain.kill()
                #expect(drain.waitForEnd(30)?.signal == SIGKILL)
                proxy.setFault(.pass)
                proxy.dropConnections()
                #expect(try !artist.queue(all: false).isEmpty)
            }
        }

        private func checkServer(_ community: Community, _ artist: Artist, _ originals: Originals) throws {
            let items = try artist.queue(all: true).filter { $0.state == "published" }
            #expect(items.count == 12)
            #expect(Set(items.map(\.markID)).count == 12)
            let statuses = try community.statuses(of: try artist.accountID())
            #expect(statuses.count == 12)
            #expect(Set(statuses.map(\.id)) == Set(items.compactMap(\.statusID)))
            for number in 0..<12 {
                #expect(statuses.filter { $0.content.contains("Piece \(number) of twelve") }.count == 1)
            }
            for status in statuses {
                let item = try #require(items.first { $0.statusID == status.id })
                #expect(status.media.count == 1)
                let bytes = try community.file(try #require(status.media.first))
                #expect(originals.hunt.found(in: bytes) == [])
                let receipt = try artist.receipt(item.id)
                #expect(receipt.payload == item.markID)
                #expect(receipt.protectedSHA256 == Digest.sha256(bytes))
                let file = try artist.home.file("fetched/\(status.id)", bytes)
                let verification = try artist.verify(file)
                #expect(verification.found, "\(item.id) of \(status.content)")
                #expect(verification.payload == item.markID, "\(item.id)")
            }
        }
    }
}

/// Copies of pictures with words planted in them, half of them as JPEG, and the hunt for what must not leave.
private struct Originals {
    var files: [URL] = []
    var hunt = ByteHunt()
    var markerCount = 0

    init(from folder: URL, into home: TemporaryDirectory) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".png") }
        try FileManager.default.createDirectory(at: home.path("originals"), withIntermediateDirectories: true)
        for (number, name) in names.sorted().enumerated() {
            let secret = "canary-name-\(number)-\(UInt32.random(in: .min ... .max))"
            let source = folder.appendingPathComponent(name)
            let file: URL
            if number.isMultiple(of: 2) {
                file = home.path("originals/\(secret).png")
                try Data(contentsOf: source).write(to: file)
            } else {
                file = home.path("originals/\(secret).jpg")
                try Tools.run("convert", [source.path, "-quality", "93", file.path])
            }
            let canary = try Canary(plantedIn: file, named: "\(number)")
            for marker in canary.markers { hunt.add(Array(marker.utf8), named: "\(name): \(marker)") }
            hunt.add(Array(secret.utf8), named: "\(name): its file name")
            markerCount += canary.markers.count
            let windows = hunt.count
            hunt.addWindows(of: try Data(contentsOf: file), named: name)
            #expect(hunt.count > windows, "\(name) has no part that is varied enough to recognise")
            files.append(file)
        }
    }
}
