import Core
import Foundation
import Terminal

/// What the screens get for the account that is logged in.
public struct SessionServices: Sendable {
    public var library: any Library
    public var outbox: any Outbox
    public var syncStatus: any SyncStatus

    public init(library: any Library, outbox: any Outbox, syncStatus: any SyncStatus) {
        self.library = library
        self.outbox = outbox
        self.syncStatus = syncStatus
    }
}

/// What the interface is given: it knows protocols, never their makers.
public struct TUIServices: Sendable {
    public var signIn: any SignIn
    public var protection: any Protection
    /// The present account's services; nil before the first login. Asked again after each login.
    public var session: @Sendable () throws -> SessionServices?
    /// Reads an image file's bytes into pixels whose longer side is near the given one.
    public var decode: @Sendable (Data, Int) throws -> PixelImage
    public var clock: any WallClock

    public init(
        signIn: any SignIn, protection: any Protection,
        session: @escaping @Sendable () throws -> SessionServices?,
        decode: @escaping @Sendable (Data, Int) throws -> PixelImage = PictureDecoder.decode,
        clock: any WallClock = SystemClock()
    ) {
        self.signIn = signIn
        self.protection = protection
        self.session = session
        self.decode = decode
        self.clock = clock
    }
}

/// How the interface is to behave.
public struct TUIOptions: Sendable {
    public var language: Language
    public var terminal: TerminalOptions
    /// The program's version, for the about screen.
    public var version: String
    /// Where errors that were shown are also written; nil keeps them in memory only.
    public var errorLog: URL?
    /// Where file names that are typed begin.
    public var workingDirectory: URL
    public var homeDirectory: URL

    public init(
        language: Language, terminal: TerminalOptions = TerminalOptions(), version: String = "",
        errorLog: URL? = nil,
        workingDirectory: URL = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true),
        homeDirectory: URL = FileManager.default.homeDirectoryForCurrentUser
    ) {
        self.language = language
        self.terminal = terminal
        self.version = version
        self.errorLog = errorLog
        self.workingDirectory = workingDirectory
        self.homeDirectory = homeDirectory
    }
}
