// swift-tools-version: 6.2
import PackageDescription

// Our own targets compile without a single warning; dependencies are not ours to judge.
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]
let strictC: [CSetting] = [.treatAllWarnings(as: .error)]

/// A Swift module of ours under Sources/.
func module(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// A module map and shim over a C library: what Swift cannot call by itself, and nothing else.
func shim(_ name: String, links libraries: [String]) -> Target {
    .target(
        name: name, path: "Sources/System/\(name)", cSettings: strictC,
        linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// A program: argument parsing and composition.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of a module, in the folder that mirrors it.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")

let package = Package(
    name: "fixative",
    products: [
        .executable(name: "fixative", targets: ["fixative"]),
        .executable(name: "fixative-server", targets: ["fixative-server"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        shim("CPNG", links: ["png16"]),
        shim("CJPEG", links: ["jpeg"]),
        shim("CWebP", links: ["webp", "webpmux"]),
        shim("CLCMS", links: ["lcms2"]),
        shim("CNcurses", links: ["ncursesw", "tinfo"]),
        // chafa.h includes glib.h, whose include paths only pkg-config knows.
        .systemLibrary(
            name: "CChafa", path: "Sources/System/CChafa", pkgConfig: "chafa", providers: [.apt(["libchafa-dev"])]),
        shim("CCurl", links: ["curl"]),
        shim("CCloakKernels", links: ["m"]),
        // A terminal emulator and pseudo-terminals: only tests link it.
        shim("CTestSupport", links: ["vterm"]),
        // A layer under SQLite that fails on demand: only tests link it.
        shim("CFaultVFS", links: ["sqlite3"]),

        module("Core", [crypto, toml]),
        module("Imaging", ["Core", "CPNG", "CJPEG", "CWebP", "CLCMS"]),
        module("AntiAI", ["Core", "Imaging", "CCloakKernels", crypto], resources: [.copy("Resources/cloak")]),
        module("TextIndex", ["Core", grdb, grdbSQLite]),
        module("Store", ["Core", "TextIndex", grdb, crypto]),
        module("API", ["Core"]),
        module("Transport", ["Core", "CCurl"]),
        module("Sync", ["Core", "API", "Store"]),
        module("Terminal", ["Core", "Imaging", "CNcurses", "CChafa"]),
        module("TUI", ["Core", "Terminal"]),
        module(
            "Server",
            ["Core", "API", "Imaging", "AntiAI", "TextIndex", hummingbird, grdb, crypto, cryptoExtras, logging, toml]),
        module("TestSupport", ["Core", "CTestSupport"]),

        program(
            "fixative",
            [
                "Core", "Imaging", "AntiAI", "Store", "API", "Transport", "Sync", "Terminal", "TUI", argumentParser,
                logging,
            ]),
        program("fixative-server", ["Core", "Server", argumentParser, logging]),

        tests("Core", ["Core"]),
        tests("Imaging", ["Core", "Imaging", "TestSupport"]),
        tests("AntiAI", ["Core", "Imaging", "AntiAI", "CCloakKernels", "TestSupport"]),
        tests("TextIndex", ["Core", "TextIndex", grdb]),
        tests("Store", ["Core", "Store", "TestSupport", "TextIndex", grdb]),
        tests("API", ["Core", "API"]),
        tests("Transport", ["Core", "Transport", "TestSupport"]),
        tests("TestSupport", ["Core", "TestSupport"]),
        tests("Sync", ["Core", "API", "Store", "Sync", "Transport", "TestSupport"]),
        tests("Terminal", ["Core", "Imaging", "Terminal", "TestSupport"]),
        tests("TUI", ["Core", "Terminal", "TUI", "TestSupport"], resources: [.copy("Golden")]),
        tests(
            "Server", ["Core", "API", "Imaging", "AntiAI", "Server", "TestSupport", hummingbird]),
        tests(
            "Simulation",
            [
                "Core", "API", "Imaging", "Store", "Sync", "Server", "TestSupport", "CFaultVFS", hummingbird, logging,
            ]),
        tests("Architecture", ["TestSupport"]),
        tests("EndToEnd", ["Core", "Imaging", "Store", "Sync", "Transport", "TestSupport"]),
    ]
)
