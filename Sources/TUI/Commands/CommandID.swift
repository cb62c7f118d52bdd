/// Everything that a key, the help, the hint bar or the `:` line can do.
package enum CommandID: String, CaseIterable, Sendable {
    // Everywhere
    case help, back, quit, suspend, redraw, commandLine
    // Going places
    case home, local, bookmarks, favourites, tag, search, publish, protect, queue, jobs, errors, about, sync, login
    // Moving
    case up, down, left, right, pageUp, pageDown, first, last, open
    // Timelines and the viewer
    case toggleLayout, favourite, bookmark, account, reveal, info, zoomIn, zoomOut, fit, actualSize, next, previous
    // Queue and jobs
    case retry, cancel, edit, details, showDone, changes, keepMine, keepTheirs
    // Forms
    case nextField, previousField, submit, flip, difference, editor, complete
}

/// Where a command's keys work. The text fields of forms take plain letters, so commands there have other keys.
package enum CommandContext: String, CaseIterable, Sendable {
    case timeline, viewer, account, queue, jobs, list, form, wizard, changes, conflict
}
