import CCloakKernels
import Glibc

/// Feature maps in the kernels' layout. Used by one thread at a time.
package final class Tensor {
    package let raw: fx_tensor
    /// How many owners hold it; a pool takes it back when there are none.
    fileprivate(set) var owners = 1

    fileprivate init(_ shape: TensorPool.Shape, level: KernelLevel) {
        let bytes = fx_tensor_bytes(level.rawValue, Int32(shape.channels), Int32(shape.height), Int32(shape.width))
        let memory = LargePages.allocate(bytes)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        raw = fx_tensor(
            data: memory, channels: Int32(shape.channels), height: Int32(shape.height), width: Int32(shape.width))
    }

    deinit { raw.data.deallocate() }

    package var shape: TensorPool.Shape {
        .init(channels: Int(raw.channels), height: Int(raw.height), width: Int(raw.width))
    }
}

/// Memory in the processor's large pages where it is large enough: the first touch of each small page costs more than the
/// layer that fills it.
private enum LargePages {
    private static let size = 1 << 21

    static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        guard bytes >= size else { return .allocate(byteCount: bytes, alignment: 64) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: size)
        // Advice only: where there are no large pages, small ones do.
        madvise(memory, bytes / size * size, MADV_HUGEPAGE)
        return memory
    }
}

/// Tensors that come back for the next layer of the same shape: their borders of zeros stay as they are.
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
    private var free: [Shape: [Tensor]] = [:]

    package init(level: KernelLevel) { self.level = level }

    package func take(_ shape: Shape) -> Tensor {
        if let tensor = free[shape]?.popLast() {
            tensor.owners = 1
            return tensor
        }
        return Tensor(shape, level: level)
    }

    func retain(_ tensor: Tensor) { tensor.owners += 1 }

    package func release(_ tensor: Tensor?) {
        guard let tensor else { return }
        tensor.owners -= 1
        if tensor.owners == 0 { free[tensor.shape, default: []].append(tensor) }
    }

    /// Gives back all memory that nobody uses.
    func drain() { free.removeAll() }
}
