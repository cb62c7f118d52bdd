import Core
import Foundation
import Terminal

/// Runs the interface until the user leaves; call it on the main thread.
///
/// - Parameter opened: called when the terminal is ours, before the first frame: what starts threads belongs there,
///   because opening changes the environment for a moment.
/// - Returns: the exit status: 0, or 128 + the signal that asked for the end.
/// - Throws: `UserError` when there is no terminal to use.
public func runTUI(_ services: TUIServices, options: TUIOptions, opened: @Sendable () -> Void)
    throws -> Int32
{
    precondition(Thread.isMainThread, "the interface belongs to the main thread")
    return try MainActor.assumeIsolated {
        let loop = try MainLoop(services, options)
        opened()
        return try loop.run()
    }
}

/// Waits for events, the store and finished work, and draws when one of them changed something.
@MainActor private final class MainLoop {
    private let terminal: TerminalSession
    private let mailbox: Mailbox
    private let app: App
    private let options: TUIOptions
    /// How often the store is asked whether it changed, in seconds.
    private static let pollInterval = 0.2

    init(_ services: TUIServices, _ options: TUIOptions) throws {
        self.options = options
        terminal = try TerminalSession(options: options.terminal)
        let waker = terminal.waker
        mailbox = Mailbox(wake: { waker.wake() })
        app = App(services: services, options: options, mailbox: mailbox, pictureMode: terminal.capabilities.pictures)
    }

    func run() throws -> Int32 {
        defer { terminal.end() }
        app.start()
        var isDirty = true
        while app.exitStatus == nil {
            if isDirty { draw() }
            isDirty = false
            for event in terminal.events(timeout: Self.pollInterval) {
                isDirty = true
                switch event {
                case .input(let input): app.handle(input)
                case .resized, .wake: break
                case .capabilities: app.pictureMode = terminal.capabilities.pictures
                case .terminate(let signal): return 128 + signal
                }
            }
            if mailbox.deliver() { isDirty = true }
            if app.poll() { isDirty = true }
            if let wish = app.wish {
                app.wish = nil
                grant(wish)
                isDirty = true
            }
        }
        return app.exitStatus ?? 0
    }

    private func draw() {
        terminal.surface.begin()
        app.pictureMode = terminal.capabilities.pictures
        app.draw(on: terminal.surface)
        terminal.flush()
    }

    private func grant(_ wish: App.Wish) {
        switch wish {
        case .suspend: terminal.suspend()
        case .redraw: terminal.surface.invalidate()
        case .edit(let text, let done):
            let editor = Editor(environment: options.terminal.environment)
            let result = terminal.lend { editor.edit(text) }
            if result == nil {
                app.tell(app.text(ChromeText.editorFailed, Sanitiser.line(editor.command, limit: 60)), .error)
            }
            done(result)
        }
    }
}
