import Core
import Foundation
import Terminal

/// The interface's state: the stack of screens, what is over them, and what is under way. Main thread only; it draws on
/// any surface and takes events from anywhere, so tests drive it without a terminal.
@MainActor final class App {
    let services: TUIServices
    let options: TUIOptions
    let loader: PictureLoader
    let jobs: JobCenter
    let errors: ErrorLog
    var pictureMode: PictureMode
    var language: Language { options.language }
    private(set) var session: SessionServices?
    private(set) var account: SignedInAccount?
    private(set) var screens: [any Screen] = []
    private(set) var popups: [any Popup] = []
    /// How timelines are shown: the artist's choice for all of them.
    var layout = TimelineScreen.Layout.grid
    /// What the main loop must do for the app.
    var wish: Wish?
    private(set) var exitStatus: Int32?
    private(set) var notice: (text: String, style: Style, until: Date)?
    /// Regions of the frame that a click does something in; later ones are on top.
    private var hits: [(Rect, @MainActor () -> Void)] = []
    private var lastVersion: UInt64 = 0
    private var lastState: SyncState?

    /// Things that need the terminal itself.
    enum Wish {
        case suspend
        case redraw
        /// Write a text in $EDITOR; the closure gets the new text, nil when the editor failed.
        case edit(String, @MainActor (String?) -> Void)
    }

    init(
        services: TUIServices, options: TUIOptions, mailbox: Mailbox, pictureMode: PictureMode,
        immediatePictures: Bool = false
    ) {
        self.services = services
        self.options = options
        self.pictureMode = pictureMode
        let decode = services.decode
        loader = PictureLoader(
            isImmediate: immediatePictures,
            decoder: { url, side in try decode(Data(contentsOf: url, options: .mappedIfSafe), side) },
            done: { mailbox.post {} })
        jobs = JobCenter(mailbox: mailbox, clock: services.clock)
        errors = ErrorLog(file: options.errorLog)
    }

    /// Opens the first screen: the home timeline, or the first steps.
    func start() {
        loadSession()
        screens = [session == nil ? WizardScreen() : TimelineScreen(.home)]
        if session != nil, case .some(let timeline as TimelineScreen) = screens.first {
            timeline.refresh(app: self)
            // An empty home says little to a newcomer: the community is the better beginning.
            if timeline.isEmpty { screens = [TimelineScreen(.local)] }
        }
        top.refresh(app: self)
    }

    var top: any Screen { screens[screens.count - 1] }
    var now: Date { services.clock.now() }

    func text(_ key: some TextKey, _ arguments: String...) -> String {
        // Variadic arguments cannot be passed on; phrases have at most three.
        switch arguments.count {
        case 0: language.text(key)
        case 1: language.text(key, arguments[0])
        case 2: language.text(key, arguments[0], arguments[1])
        default: language.text(key, arguments[0], arguments[1], arguments[2])
        }
    }

    // MARK: Session

    /// Asks for the account's services again: after a login.
    func loadSession() {
        do {
            session = try services.session()
            account = try session?.library.currentAccount()
        } catch {
            report(error)
        }
    }

    // MARK: Screens and popups

    func push(_ screen: any Screen) {
        screens.append(screen)
        screen.refresh(app: self)
    }

    /// Replaces everything: going to a main place.
    func show(_ screen: any Screen) {
        guard screens.allSatisfy({ $0.mayLeave(app: self) }) else { return }
        screens = [screen]
        screen.refresh(app: self)
    }

    func pop() {
        guard screens.count > 1 else { return }
        screens.removeLast()
        top.refresh(app: self)
    }

    func open(_ popup: any Popup) { popups.append(popup) }
    func close(_ popup: any Popup) { popups.removeAll { $0 === popup } }

    func ask(_ question: String, _ yes: @escaping @MainActor () -> Void) { open(Question(question, yes: yes)) }

    func exit(_ status: Int32 = 0) { exitStatus = status }

    // MARK: Telling

    func tell(_ text: String, _ style: Style = .normal) { notice = (text, style, now.addingTimeInterval(5)) }

    func report(_ error: any Error) {
        let message = inWords(Self.message(of: error))
        errors.add(message, at: now)
        tell(text(ChromeText.pressForDetails, message), .error)
    }

    /// An error's line in the language of the screens, where it is about a picture.
    func inWords(_ message: String) -> String { PictureErrorText.translated(message, language) }

    /// One clear line for any error.
    nonisolated static func message(of error: any Error) -> String {
        if let error = error as? UserError { return Sanitiser.line(error.message) }
        if let error = error as? SearchSyntaxError { return Sanitiser.line(error.message(in: .english)) }
        if error is CancellationError { return "cancelled" }
        return Sanitiser.line(
            (error as NSError).domain == NSCocoaErrorDomain
                ? error.localizedDescription : String(describing: error))
    }

    // MARK: Events

    func handle(_ event: InputEvent) {
        if let popup = popups.last {
            if case .mouse(let mouse) = event, mouse.action == .press, click(mouse.at) { return }
            popup.handle(event, app: self)
            return
        }
        if case .mouse(let mouse) = event {
            switch mouse.action {
            case .press: _ = click(mouse.at)
            case .wheelUp: run(.up)
            case .wheelDown: run(.down)
            }
            return
        }
        if top.handle(event, app: self) { return }
        switch event {
        case .key(let key):
            guard let command = CommandID.command(for: key, in: top.context) else {
                if !key.isText { return }
                tell(text(ChromeText.notHere, key.name), .dim)
                return
            }
            notice = nil
            // The letter leaves from the first screen too; Escape is pressed once too often too easily.
            let leaves = command.id == .back && key.isText && screens.count == 1
            run(leaves ? .quit : command.id)
        case .paste(let pasted): openDropped(pasted)
        case .mouse, .report: break
        }
    }

    /// An image path that is pasted anywhere opens the publish form with it.
    private func openDropped(_ pasted: String) {
        let paths = PathCompletion.paths(inPaste: pasted).filter {
            PathCompletion.imageExtensions.contains(URL(fileURLWithPath: $0).pathExtension.lowercased())
        }
        guard let first = paths.first else { return }
        if session == nil {
            push(PublishScreen(mode: .protectOnly, file: first))
        } else {
            push(PublishScreen(mode: .publish, file: first))
        }
    }

    func hit(_ rect: Rect, _ action: @escaping @MainActor () -> Void) { hits.append((rect, action)) }

    private func click(_ at: Point) -> Bool {
        guard let action = hits.last(where: { $0.0.contains(at) })?.1 else { return false }
        action()
        return true
    }

    // MARK: Time

    /// Looks whether the store or the network's state changed; true when the frame must be drawn again.
    func poll() -> Bool {
        var changed = false
        if let notice, notice.until < now {
            self.notice = nil
            changed = true
        }
        if let session {
            let version = session.library.version()
            if version != lastVersion {
                lastVersion = version
                loader.retryFailed()
                top.refresh(app: self)
                changed = true
            }
            let state = session.syncStatus.state()
            if state != lastState {
                if let error = state.lastError, error != lastState?.lastError { errors.add(error, at: now) }
                lastState = state
                changed = true
            }
        }
        return changed
    }

    // MARK: Drawing

    /// Draws one frame.
    func draw(on surface: any Surface) {
        hits = []
        let size = surface.size
        guard size.columns >= 40, size.rows >= 12 else {
            let message = text(ChromeText.tooSmall, String(size.columns), String(size.rows))
            let lines = surface.width.wrapped(message, to: size.columns)
            for (index, line) in lines.enumerated() where index < size.rows { surface.put(line, x: 0, y: index) }
            return
        }
        let (head, rest) = surface.bounds.split(top: 2)
        let body = Rect(x: 0, y: rest.y, width: rest.width, height: rest.height - 1)
        Chrome.drawHead(on: surface, in: head, app: self)
        top.draw(on: surface, in: body, app: self)
        Chrome.drawHints(on: surface, in: rest.row(rest.height - 1), app: self)
        if !popups.isEmpty, !popups.allSatisfy(\.isPrompt) { hits = [] }
        for popup in popups { popup.draw(on: surface, app: self) }
        loader.frameEnded()
    }
}
