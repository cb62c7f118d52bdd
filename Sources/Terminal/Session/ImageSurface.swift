/// Paints what ncurses cannot over what it believes to be `▒`: cells in true colour, and terminals' own graphics.
///
/// It knows what each cell shows, so that only what changed is sent. Popups are opaque because ncurses writes them over
/// the underlay; a picture that something overlaps falls back from graphics to cells.
package struct ImageSurface {
    fileprivate enum Painted: Equatable {
        case nothing
        case cell(PictureCell)
        case graphics(UInt64)
    }

    /// What a frame needs; made before ncurses writes, because placeholders are ncurses's own cells.
    package struct Plan {
        /// Bytes to be sent before ncurses writes.
        package fileprivate(set) var before: [UInt8] = []
        fileprivate var cells: [Painted] = []
        fileprivate var overlays: [(placement: GridSurface.Placement, id: UInt64)] = []
    }

    private var painted: [Painted] = []
    /// Pictures that kitty holds: content to kitty's id, oldest first.
    private var held: [(content: UInt64, id: Int)] = []
    private var nextID = 0
    /// On the screen as kitty placements.
    private var placed: Set<Int> = []

    package init() {}

    /// Forgets what is painted; returns the bytes that remove pictures from the terminal.
    package mutating func forget() -> [UInt8] {
        let usedKitty = !held.isEmpty
        painted = []
        held = []
        placed = []
        return usedKitty ? KittyProtocol.deleteAll : []
    }

    /// Decides for each picture how it is shown, and turns cells of placeholder pictures into placeholders.
    package mutating func plan(_ grid: GridSurface, graphics: PictureMode.GraphicsProtocol?) -> Plan {
        var plan = Plan()
        plan.cells = [Painted](repeating: .nothing, count: grid.cells.count)
        var wanted: Set<Int> = []
        for placement in grid.placements {
            let picture = placement.picture
            let region = Rect(
                x: placement.origin.x, y: placement.origin.y, width: picture.columns, height: picture.rows)
            let isWhole = placement.clip.intersection(region) == region
            let isFree = isWhole && isUncovered(grid, region)
            // The size belongs to the identity: kitty is told the cells with the picture.
            let identity = picture.id ^ UInt64(picture.columns) << 40 ^ UInt64(picture.rows) << 52
            if graphics == .kittyPlaceholders, isWhole, case .kitty(let image) = picture.graphics,
                KittyProtocol.cell(row: picture.rows - 1, column: picture.columns - 1) != nil
            {
                let (id, bytes) = hold(identity, image, virtual: picture)
                plan.before += bytes
                wanted.insert(id)
                usePlaceholders(grid, region, id)
            } else if isFree, let payload = picture.graphics, graphics != .kittyPlaceholders {
                if case .kitty(let image) = payload {
                    let (id, bytes) = hold(identity, image, virtual: nil)
                    plan.before += bytes
                    wanted.insert(id)
                }
                plan.overlays.append((placement, identity))
                forEachCell(grid, region) { plan.cells[$0] = .graphics(identity) }
            } else if !picture.isTrueColor {
                useIndexedCells(grid, placement)
            } else {
                for row in 0..<picture.rows {
                    for column in 0..<picture.columns {
                        let point = Point(x: region.x + column, y: region.y + row)
                        guard placement.clip.contains(point), isUnderlay(grid[point.x, point.y]) else { continue }
                        plan.cells[point.y * grid.size.columns + point.x] = .cell(
                            picture.cells[row * picture.columns + column])
                    }
                }
            }
        }
        // Deletions go first: kitty's `d=I` also frees every picture that is sent but not yet placed.
        var deletions: [UInt8] = []
        for id in placed.subtracting(wanted) {
            deletions += KittyProtocol.delete(id: id)
            held.removeAll { $0.id == id }
        }
        plan.before = deletions + plan.before
        placed = wanted
        return plan
    }

    /// The bytes to be sent after ncurses wrote; `previous` is what ncurses showed before.
    package mutating func paint(_ grid: GridSurface, _ plan: Plan, previous: [Cell]) -> [UInt8] {
        let columns = grid.size.columns
        let isFresh = previous.count != grid.cells.count || painted.count != plan.cells.count
        if painted.count != plan.cells.count { painted = [Painted](repeating: .nothing, count: plan.cells.count) }
        func overwritten(_ index: Int) -> Bool { isFresh || previous[index] != grid.cells[index] }
        var out = RawWriter()
        for (placement, id) in plan.overlays {
            let picture = placement.picture
            var stale = false
            let region = Rect(
                x: placement.origin.x, y: placement.origin.y, width: picture.columns, height: picture.rows)
            forEachCell(grid, region) { stale = stale || overwritten($0) || painted[$0] != .graphics(id) }
            guard stale, let payload = picture.graphics else { continue }
            out.move(x: region.x, y: region.y)
            switch payload {
            case .kitty:
                guard let id = held.first(where: { $0.content == id })?.id else { continue }
                out.bytes += KittyProtocol.place(id: id, columns: picture.columns, rows: picture.rows)
            case .sixel(let bytes): out.bytes += bytes
            case .iTerm2(let file): out.bytes += ITerm2Protocol.show(file, columns: picture.columns, rows: picture.rows)
            }
            out.forgetPosition()
        }
        for index in plan.cells.indices {
            switch plan.cells[index] {
            case .cell(let cell):
                if painted[index] != plan.cells[index] || overwritten(index) {
                    out.put(cell, x: index % columns, y: index / columns)
                }
            case .nothing:
                // A picture was here and ncurses does not know: what it believes in is shown.
                if painted[index] != .nothing, !overwritten(index), isUnderlay(grid.cells[index]) {
                    out.putUnderlay(x: index % columns, y: index / columns)
                }
            case .graphics: break
            }
        }
        painted = plan.cells
        return out.finished
    }

    /// kitty's id for a picture, and what has to be sent for it.
    private mutating func hold(_ content: UInt64, _ image: PixelImage, virtual: Picture?) -> (Int, [UInt8]) {
        if let known = held.first(where: { $0.content == content }) { return (known.id, []) }
        var bytes: [UInt8] = []
        // Ids are colours of placeholders: 16…231, so that no theme remaps them.
        let id = 16 + nextID % 216
        nextID += 1
        if let old = held.firstIndex(where: { $0.id == id }) { held.remove(at: old) }
        held.append((content, id))
        bytes += KittyProtocol.transmit(image, id: id)
        if let virtual { bytes += KittyProtocol.placeVirtually(id: id, columns: virtual.columns, rows: virtual.rows) }
        return (id, bytes)
    }

    /// Cells that ncurses can show itself stand in for graphics that something overlaps.
    private func useIndexedCells(_ grid: GridSurface, _ placement: GridSurface.Placement) {
        let picture = placement.picture
        for row in 0..<picture.rows {
            for column in 0..<picture.columns {
                let (x, y) = (placement.origin.x + column, placement.origin.y + row)
                guard placement.clip.contains(Point(x: x, y: y)), isUnderlay(grid[x, y]) else { continue }
                let cell = picture.cells[row * picture.columns + column]
                let style = Style(foreground: cell.foregroundIndex, background: cell.backgroundIndex)
                grid[x, y] = Cell(Glyph(base: cell.scalar, columns: 1), style: style, kind: .picture)
            }
        }
    }

    private func usePlaceholders(_ grid: GridSurface, _ region: Rect, _ id: Int) {
        for y in region.y..<region.bottom {
            for x in region.x..<region.right where isUnderlay(grid[x, y]) {
                guard let glyph = KittyProtocol.cell(row: y - region.y, column: x - region.x) else { continue }
                grid[x, y] = Cell(glyph, style: Style(foreground: Int16(id)), kind: .picture)
            }
        }
    }

    private func isUnderlay(_ cell: Cell) -> Bool { cell.kind == .picture && cell.glyph == Picture.underlay }

    private func isUncovered(_ grid: GridSurface, _ region: Rect) -> Bool {
        var free = true
        forEachCell(grid, region) { free = free && isUnderlay(grid.cells[$0]) }
        return free
    }

    private func forEachCell(_ grid: GridSurface, _ region: Rect, _ body: (Int) -> Void) {
        let visible = region.intersection(grid.bounds)
        for y in visible.y..<visible.bottom {
            for x in visible.x..<visible.right { body(y * grid.size.columns + x) }
        }
    }
}
