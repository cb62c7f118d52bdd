import Core
import Foundation
import Terminal

extension PublishScreen {
    /// Protects the chosen file in the background as it would be published.
    func startPreview(_ app: App) {
        guard let url = fileURL(app), let recipe = recipe(app), FileManager.default.isReadableFile(atPath: url.path),
            !url.hasDirectoryPath
        else {
            preview.clear()
            return
        }
        preview.start(file: url, recipe: recipe.name, rights: rights(app), app: app)
    }

    var draft: Draft {
        Draft(
            title: Sanitiser.line(text(.title)), caption: Sanitiser.text(text(.caption)),
            altText: Sanitiser.text(text(.altText)), tags: tags, sensitive: choices[.sensitive] == 1,
            visibility: Visibility.allCases[choices[.visibility] ?? 0], license: license)
    }

    func submit(_ app: App) {
        var draft = draft
        guard let recipe = recipe(app) else { return }
        draft.recipe = recipe.name
        if case .protectOnly = mode { return writeFile(recipe, app) }
        let send: @MainActor () -> Void = { [weak self] in self?.hand(over: draft, app) }
        // Nothing is published unprotected or undescribed by accident: each is asked about once.
        let withAlt: @MainActor () -> Void = {
            if draft.altText.isEmpty { app.ask(app.text(FormText.confirmNoAlt), send) } else { send() }
        }
        let protects = !recipe.methods.subtracting([.rights]).isEmpty
        if protects { withAlt() } else { app.ask(app.text(FormText.confirmNoMethods), withAlt) }
    }

    private func hand(over draft: Draft, _ app: App) {
        guard let session = app.session else { return }
        if case .edit(let item) = mode {
            do {
                _ = try session.outbox.edit(item.id, draft)
                session.syncStatus.requestSync()
                app.tell(app.text(FormText.editSaved), .good)
                finish(app)
            } catch {
                app.report(error)
            }
            return
        }
        guard let url = fileURL(app) else { return }
        let outbox = session.outbox
        // Copying a large file into the vault may take a moment.
        app.jobs.run("\(app.text(ChromeText.publish)) \(Sanitiser.line(url.lastPathComponent, limit: 80))") { _ in
            try outbox.enqueue(file: url, draft: draft)
        } then: { [weak self] result in
            switch result {
            case .success:
                session.syncStatus.requestSync()
                app.tell(app.text(FormText.queuedNow), .good)
                self?.finish(app)
            case .failure(let error):
                app.report(UserError(app.text(FormText.unsent, app.inWords(App.message(of: error)))))
            }
        }
    }

    private func writeFile(_ recipe: Recipe, _ app: App) {
        guard let url = fileURL(app) else { return }
        let rights = rights(app)
        let protection = app.services.protection
        let name = Sanitiser.line(url.lastPathComponent, limit: 80)
        app.jobs.run(app.text(FormText.protecting, name)) { progress in
            let data = try Data(contentsOf: url, options: .mappedIfSafe)
            let request = ProtectionRequest(recipe: recipe.name, payload: .random(), rights: rights)
            let image = try protection.protect(data, request, progress: progress)
            return try ProtectedFile.write(image, beside: url)
        } then: { result in
            switch result {
            case .success(let written):
                app.tell(app.text(FormText.wrote, Sanitiser.line(written.lastPathComponent)), .good)
            case .failure(let error): app.report(error)
            }
        }
        isDirty = false
        app.tell(app.text(FormText.protecting, name))
    }
}

/// The file that protecting without publishing writes: a new one beside the original, never over anything.
enum ProtectedFile {
    static func name(for original: URL) -> String {
        let base = original.deletingPathExtension().lastPathComponent
        return "\(base).protected.\(original.pathExtension.lowercased())"
    }

    /// Writes to the first free name: `x.protected.jpg`, `x.protected-2.jpg`…
    static func write(_ image: ProtectedImage, beside original: URL) throws -> URL {
        let folder = original.deletingLastPathComponent()
        let base = original.deletingPathExtension().lastPathComponent
        for number in 1...999 {
            let suffix = number == 1 ? "" : "-\(number)"
            let target = folder.appendingPathComponent("\(base).protected\(suffix).\(image.format.fileExtension)")
            do {
                // Fails where the name is taken: nothing of the artist's is ever overwritten.
                try image.data.write(to: target, options: .withoutOverwriting)
                return target
            } catch let error as CocoaError where error.code == .fileWriteFileExists {
                continue
            }
        }
        throw UserError(
            "no free name beside \(Sanitiser.line(original.lastPathComponent)): move its protected copies away")
    }
}
