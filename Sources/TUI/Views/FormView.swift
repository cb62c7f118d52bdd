import Core

/// The words beside the fields of the publish form.
enum FormView {
    static func label(_ field: PublishScreen.Field) -> FormText {
        switch field {
        case .file: .file
        case .title: .title
        case .caption: .caption
        case .altText: .altText
        case .tags: .tags
        case .recipe: .recipe
        case .sensitive: .sensitive
        case .visibility: .visibility
        case .license: .license
        case .creator: .creator
        case .notice: .notice
        case .output: .output
        }
    }

    static func hint(_ field: PublishScreen.Field, empty: Bool, focused: Bool) -> FormText? {
        guard empty, focused else { return nil }
        switch field {
        case .file: return .fileHint
        case .tags: return .tagsHint
        default: return nil
        }
    }
}
