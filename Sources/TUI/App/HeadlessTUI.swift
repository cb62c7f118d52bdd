import Core
import Foundation
import Terminal

/// The interface without a terminal: takes keys, draws into memory. For tests and for making pictures of screens.
@MainActor package final class HeadlessTUI {
    private let app: App
    private let mailbox: Mailbox
    private let arrived = DispatchSemaphore(value: 0)
    package let grid: GridSurface

    package init(services: TUIServices, options: TUIOptions, size: Size, mode: PictureMode = PictureMode(depth: .mono))
    {
        let arrived = arrived
        mailbox = Mailbox(wake: { arrived.signal() })
        grid = GridSurface(size: size)
        app = App(services: services, options: options, mailbox: mailbox, pictureMode: mode, immediatePictures: true)
        app.start()
        draw()
    }

    package func press(_ keys: Key...) {
        for key in keys { send(.key(key)) }
    }

    package func type(_ text: String) {
        for character in text { send(.key(.character(character))) }
    }

    package func send(_ event: InputEvent) {
        app.handle(event)
        _ = app.poll()
        draw()
    }

    package func resize(_ size: Size) {
        grid.reset(size: size)
        draw()
    }

    /// Waits until no job of the interface runs, at most 20 seconds; false when one still does.
    package func settle() -> Bool {
        let deadline = DispatchTime.now() + 20
        while app.jobs.jobs.contains(where: { $0.state == .running }) {
            guard arrived.wait(timeout: deadline) == .success else { return false }
            _ = mailbox.deliver()
        }
        _ = mailbox.deliver()
        _ = app.poll()
        draw()
        return true
    }

    /// The exit status, once the user left.
    package var exitStatus: Int32? { app.exitStatus }
    /// What is on the screen.
    package var screen: String { grid.text }

    private func draw() {
        grid.reset()
        app.draw(on: grid)
    }
}
