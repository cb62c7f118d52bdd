import Glibc

/// One stretch of memory that blocks are cut from, at the lowest place where each fits, so that it is touched only as far as the
/// most that is held at a time. What does not fit is allocated by itself. Used by one thread at a time.
package final class TensorArena {
    package struct Block {
        package let start: UnsafeMutableRawPointer
        let bytes: Int
    }

    /// Blocks begin at multiples of it: a line of the cache.
    private static let alignment = 64
    private static let largePage = 1 << 21

    private let memory: UnsafeMutableRawPointer?
    private let capacity: Int
    /// Where what is held begins and ends, in the order of places.
    private var held: [Range<Int>] = []

    package init(capacity: Int) {
        self.capacity = (capacity + Self.largePage - 1) / Self.largePage * Self.largePage
        guard capacity > 0 else {
            memory = nil
            return
        }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: Self.largePage)
        // Advice only: where there are no large pages, small ones do. The first touch of each small one costs more than the
        // layer that fills it.
        madvise(memory, self.capacity, MADV_HUGEPAGE)
        self.memory = memory
    }

    deinit { memory?.deallocate() }

    /// How many blocks did not fit so far.
    package private(set) var outside = 0

    /// Bytes up to the end of the last block that is held in the arena.
    package var extent: Int { held.last?.upperBound ?? 0 }

    package func allocate(_ bytes: Int) -> Block {
        let size = (max(bytes, 1) + Self.alignment - 1) / Self.alignment * Self.alignment
        if let memory {
            var start = 0
            for (index, range) in held.enumerated() {
                if range.lowerBound - start >= size {
                    held.insert(start..<start + size, at: index)
                    return Block(start: memory + start, bytes: size)
                }
                start = range.upperBound
            }
            if capacity - start >= size {
                held.append(start..<start + size)
                return Block(start: memory + start, bytes: size)
            }
        }
        outside += 1
        return Block(start: .allocate(byteCount: size, alignment: Self.alignment), bytes: size)
    }

    package func free(_ block: Block) {
        guard let memory, block.start >= memory, block.start < memory + capacity else {
            block.start.deallocate()
            return
        }
        let start = memory.distance(to: block.start)
        held.removeAll { $0.lowerBound == start }
    }
}
