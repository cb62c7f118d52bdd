import Terminal

/// Which of so many items is selected and which are in sight.
struct ListPosition: Hashable {
    private(set) var selected = 0
    private(set) var offset = 0

    /// Moves the selection; it stays within the items.
    mutating func move(by step: Int, count: Int) { select(selected + step, count: count) }

    mutating func select(_ index: Int, count: Int) { selected = min(max(0, count - 1), max(0, index)) }

    /// Scrolls as little as brings the selection into `visible` items, in steps of whole rows of `stride` items.
    mutating func reveal(visible: Int, count: Int, stride: Int = 1) {
        selected = min(selected, max(0, count - 1))
        let row = selected / stride
        let rows = max(1, visible / stride)
        var first = offset / stride
        if row < first { first = row }
        if row >= first + rows { first = row - rows + 1 }
        let all = (count + stride - 1) / stride
        offset = max(0, min(first, all - rows)) * stride
    }
}
