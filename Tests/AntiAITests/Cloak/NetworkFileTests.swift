import AntiAI
import Core
import Foundation
import Testing

@Suite("Network files, right and wrong")
struct NetworkFileTests {
    private static func refused(_ data: Data) -> String? {
        do {
            _ = try NetworkFile(SafetensorsFile(data, name: "f"), name: "f")
            return nil
        } catch let error as UserError {
            return error.message
        } catch {
            return nil
        }
    }

    @Test func readsTheThreeNumberFormats() throws {
        let values: [Float] = [0, 1, -2.5, 0.000_060_975_55, 65504]
        var half = Data()
        for bits: UInt16 in [0, 0x3C00, 0xC100, 0x03FF, 0x7BFF] { half += [UInt8(bits & 255), UInt8(bits >> 8)] }
        var brain = Data()
        for value in values { brain += [UInt8(value.bitPattern >> 16 & 255), UInt8(value.bitPattern >> 24)] }
        var single = Data()
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { single += $0 } }
        let file = try NetworkBuilder.file(
            [
                "h": ["dtype": "F16", "shape": [5], "data_offsets": [0, 10]],
                "b": ["dtype": "BF16", "shape": [5], "data_offsets": [10, 20]],
                "s": ["dtype": "F32", "shape": [5], "data_offsets": [20, 40]],
            ], half + brain + single)
        let read = try SafetensorsFile(file, name: "f")
        #expect(read.tensors["s"]?.values == values)
        for (a, b) in zip(read.tensors["h"]?.values ?? [], values) { #expect(abs(a - b) <= abs(b) * 1e-3) }
        for (a, b) in zip(read.tensors["b"]?.values ?? [], values) { #expect(abs(a - b) <= abs(b) * 0.01) }
    }

    @Test func recognisesTheTinyAutoencoders() throws {
        for prefix in ["", "encoder.", "encoder.layers."] {
            let file = try TestNetworks.tinyAutoencoder(prefix: prefix)
            #expect(file.role == .encoder && file.weight == 1)
        }
        _ = try TestNetworks.tinyAutoencoder(pool: true)
    }

    @Test func cutShortAnywhereItIsRefused() throws {
        let whole = try TestNetworks.tinyAutoencoderBuilder().data()
        for length in [0, 5, 8, 100, whole.count / 2, whole.count - 1] {
            #expect(Self.refused(whole.prefix(length))?.contains("not a valid safetensors file") == true, "\(length)")
        }
    }

    @Test func lyingHeadersAreRefused() throws {
        let body = Data(count: 64)
        func entry(_ kind: String, _ shape: [Any], _ offsets: [Any]) throws -> Data {
            try NetworkBuilder.file(["t": ["dtype": kind, "shape": shape, "data_offsets": offsets]], body)
        }
        let wrong = [
            try entry("F32", [16], [0, 60]), try entry("F32", [17], [0, 68]), try entry("F64", [8], [0, 64]),
            try entry("I64", [8], [0, 64]), try entry("F32", [-16], [0, 64]), try entry("F32", [0], [0, 0]),
            try entry("F32", [65536, 65536, 65536, 65536], [0, 64]), try entry("F32", [16], [64, 0]),
            try entry("F32", [16], [-64, 0]), try entry("F32", [4, 2, 2, 1, 1], [0, 64]),
            try entry("F32", ["a"], [0, 64]), try entry("F32", [16], [0]), try entry("F32", [1e300], [0, 64]),
            try NetworkBuilder.file(["t": 5], body), try NetworkBuilder.file(["__metadata__": ["a": 5]], body),
            try NetworkBuilder.file(
                [
                    "t": ["dtype": "F32", "shape": [8], "data_offsets": [0, 32]],
                    "u": ["dtype": "F32", "shape": [8], "data_offsets": [28, 60]],
                ], body),
        ]
        for (number, data) in wrong.enumerated() {
            #expect(Self.refused(data)?.contains("not a valid safetensors file") == true, "case \(number)")
        }
        var huge = Data([255, 255, 255, 255, 255, 255, 255, 127])
        huge += Data(count: 100)
        #expect(Self.refused(huge)?.contains("too long") == true)
        #expect(Self.refused(Data([2, 0, 0, 0, 0, 0, 0, 0]) + Data("[]".utf8))?.contains("JSON") == true)
        var deep = Data([0, 0, 1, 0, 0, 0, 0, 0])
        deep += Data(repeating: UInt8(ascii: "["), count: 65536)
        #expect(Self.refused(deep) != nil)
    }

    @Test func numbersThatAreNoneAreRefused() throws {
        var builder = TestNetworks.tinyAutoencoderBuilder()
        builder.set("6.bias", [1, .nan, 0, 0])
        #expect(Self.refused(try builder.data())?.contains("no numbers") == true)
    }

    @Test func otherLayoutsAreRefusedInOneSentence() throws {
        var stranger = NetworkBuilder()
        stranger.convolution("backbone.0", 16, 3)
        var surplus = TestNetworks.tinyAutoencoderBuilder()
        surplus.add("1.attention.weight", [8, 8])
        var short = NetworkBuilder()
        short.convolution("0", 16, 3)
        var shape = TestNetworks.tinyAutoencoderBuilder()
        shape.add("7.weight", [4, 8, 3, 3])
        for builder in [stranger, surplus, short, shape] {
            #expect(Self.refused(try builder.data())?.hasPrefix("The network f cannot be used: ") == true)
        }
    }

    @Test(arguments: [
        "not json", "[]", #"[{"op":"exec"}]"#, #"[{"op":"conv","weight":"none"}]"#, #"[{"op":"add"}]"#,
        #"[{"op":"conv","weight":"a.weight","bias":"b.bias"}]"#, #"[{"op":"conv","weight":"b.weight"}]"#,
        #"[{"op":"conv","weight":"a.weight","stride":3}]"#, #"[{"op":"conv","weight":"a.weight","k":5}]"#,
        #"[{"op":"conv","weight":"a.weight","k":1}]"#, #"[{"op":"upsample2"},{"op":"conv","weight":"a.weight"}]"#,
        #"[{"op":"push"},{"op":"conv","weight":"a.weight","stride":2},{"op":"add"}]"#,
        #"[{"op":"push"},{"op":"conv","weight":"a.weight","stride":2}]"#,
        #"[{"op":"conv","weight":"a.weight"},{"op":"leaky","slope":-4}]"#, #"[{"op":"conv","weight":"a.weight"}]"#,
        #"[{"op":"depthwise","weight":"a.weight","stride":2}]"#,
        #"[{"op":"depthwise","weight":"c.weight","stride":2}]"#,
        #"[{"op":"depthwise","weight":"none","stride":2}]"#, #"[{"op":"depthwise","weight":"d.weight","stride":4}]"#,
    ])
    func brokenGraphsAreRefused(_ graph: String) throws {
        var builder = NetworkBuilder()
        builder.convolution("a", 16, 3)
        builder.convolution("b", 3, 16)
        builder.convolution("c", 16, 1)
        builder.convolution("d", 3, 1, kernel: 5)
        builder.metadata["fixative_graph"] = graph
        #expect(Self.refused(try builder.data())?.hasPrefix("The network f cannot be used: ") == true)
    }

    @Test func viewsAreRead() throws {
        var builder = TestNetworks.tinyAutoencoderBuilder()
        builder.metadata["fixative_views"] = #"[{"weight":1,"scales":[1,0.5]},{"weight":0.3,"scales":[0.25]}]"#
        let views = [NetworkView(weight: 1, scales: [1, 0.5]), NetworkView(weight: 0.3, scales: [0.25])]
        #expect(try builder.network().views == views)
        #expect(try TestNetworks.tinyAutoencoder().views == [.usual])
    }

    @Test(arguments: [
        "", "[]", "{}", #"[{"weight":1}]"#, #"[{"weight":-1,"scales":[1]}]"#, #"[{"weight":1,"scales":[]}]"#,
        #"[{"weight":1,"scales":[0.1]}]"#, #"[{"weight":1,"scales":[1e9]}]"#, #"[{"weight":1e999,"scales":[1]}]"#,
        "[" + Array(repeating: #"{"weight":1,"scales":[1]}"#, count: 5).joined(separator: ",") + "]",
    ])
    func viewsAreChecked(_ views: String) throws {
        var builder = TestNetworks.tinyAutoencoderBuilder()
        builder.metadata["fixative_views"] = views
        #expect(Self.refused(try builder.data())?.hasPrefix("The network f cannot be used: its views") == true)
    }

    @Test func rolesAndWeightsAreChecked() throws {
        for (key, value) in [
            ("fixative_role", "virus"), ("fixative_weight", "much"), ("fixative_weight", "nan"),
            ("fixative_weight", "-1"), ("fixative_name", "a\u{1B}[2J"), ("fixative_role", "generator"),
        ] {
            var builder = TestNetworks.tinyAutoencoderBuilder()
            builder.metadata[key] = value
            #expect(Self.refused(try builder.data())?.hasPrefix("The network f cannot be used: ") == true, "\(value)")
        }
    }
}
