import CCloakKernels

/// Feature maps in the kernels' layout. Used by one thread at a time.
package final class Tensor {
    package let raw: fx_tensor
    /// How many owners hold it; a pool takes it back when there are none.
    fileprivate(set) var owners = 1
    private let memory: TensorArena.Block
    private let arena: TensorArena

    fileprivate init(_ shape: TensorPool.Shape, level: KernelLevel, arena: TensorArena) {
        let bytes = fx_tensor_bytes(level.rawValue, Int32(shape.channels), Int32(shape.height), Int32(shape.width))
        self.arena = arena
        memory = arena.allocate(bytes)
        raw = fx_tensor(
            data: memory.start, channels: Int32(shape.channels), height: Int32(shape.height), width: Int32(shape.width))
        withUnsafePointer(to: raw) { fx_tensor_clear_border(level.rawValue, $0) }
    }

    deinit { if owners > 0 { arena.free(memory) } }

    fileprivate func disown() {
        owners -= 1
        if owners == 0 { arena.free(memory) }
    }

    package var shape: TensorPool.Shape {
        .init(channels: Int(raw.channels), height: Int(raw.height), width: Int(raw.width))
    }
}

/// Bytes of an arena, of whatever was there.
package final class ArenaBytes {
    package let start: UnsafeMutableRawPointer
    private let memory: TensorArena.Block
    private let arena: TensorArena

    fileprivate init(_ count: Int, arena: TensorArena) {
        self.arena = arena
        memory = arena.allocate(count)
        start = memory.start
    }

    deinit { arena.free(memory) }

    package var floats: UnsafeMutablePointer<Float> { start.assumingMemoryBound(to: Float.self) }

    /// As signs of a tensor's samples, a bit for each.
    package var words: UnsafeMutablePointer<UInt16> { start.assumingMemoryBound(to: UInt16.self) }
}

/// Where the layers of one thread's networks get their maps. Networks take turns, so what one leaves is the next one's.
package final class TensorPool {
    package struct Shape: Hashable {
        package var channels: Int
        package var height: Int
        package var width: Int

        package init(channels: Int, height: Int, width: Int) {
            self.channels = channels
            self.height = height
            self.width = width
        }
    }

    package let level: KernelLevel
    private let arena: TensorArena
    /// How many maps did not fit so far.
    package var outside: Int { arena.outside }

    /// - Parameter capacity: bytes that are enough as a rule.
    package init(level: KernelLevel, capacity: Int = 0) {
        self.level = level
        arena = TensorArena(capacity: capacity)
    }

    /// Its border is zero, the rest is whatever was there.
    package func take(_ shape: Shape) -> Tensor { Tensor(shape, level: level, arena: arena) }

    package func take(bytes: Int) -> ArenaBytes { ArenaBytes(bytes, arena: arena) }

    package func take(floats: Int) -> ArenaBytes { take(bytes: floats * MemoryLayout<Float>.stride) }

    /// For the signs of a tensor: what the way back needs of an activation.
    package func takeSigns(_ shape: Shape) -> ArenaBytes {
        take(bytes: fx_signs_bytes(Int32(shape.channels), Int32(shape.height), Int32(shape.width)))
    }

    func retain(_ tensor: Tensor) { tensor.owners += 1 }

    package func release(_ tensor: Tensor?) { tensor?.disown() }
}
