import AntiAI
import CCloakKernels
import Testing

@Suite("Memory of the networks' maps")
struct TensorArenaTests {
    @Test func whatIsHeldNeverOverlapsAndWhatIsFreedServesAgain() {
        let arena = TensorArena(capacity: 1 << 20)
        var dice = Dice(11)
        var held: [(block: TensorArena.Block, bytes: Int, mark: UInt8)] = []
        for round in 0..<2000 {
            if held.count > 12 || (dice.unit() < 0.4 && !held.isEmpty) {
                let (block, bytes, mark) = held.remove(at: Int(dice.unit() * Float(held.count)) % held.count)
                let intact = UnsafeRawBufferPointer(start: block.start, count: bytes).allSatisfy { $0 == mark }
                #expect(intact, "round \(round)")
                arena.free(block)
            } else {
                // Some do not fit any more and are allocated by themselves.
                let bytes = Int(dice.unit() * 200_000) + 1
                let block = arena.allocate(bytes)
                block.start.initializeMemory(as: UInt8.self, repeating: UInt8(round & 255), count: bytes)
                held.append((block, bytes, UInt8(round & 255)))
            }
        }
        held.forEach { arena.free($0.block) }
        #expect(arena.extent == 0)
    }

    @Test func theLowestPlaceIsTaken() {
        let arena = TensorArena(capacity: 1 << 20)
        let (first, second) = (arena.allocate(1000), arena.allocate(1000))
        arena.free(first)
        let third = arena.allocate(900)
        #expect(third.start == first.start && arena.extent == 2048)
        arena.free(second)
        #expect(arena.extent == 960)
    }

    /// Networks that take turns hold no more together than the one that needs most.
    @Test func aPassHoldsWhatThePlanSays() throws {
        let file = try TestNetworks.everything()
        let (height, width) = (96, 128)
        let network = try Network(file, level: .portable)
        let networks = try CloakNetworks([file], level: .portable)
        let capacity = Int(networks.mapBytesPerPixel * Double(height * width) * 7 / 6)
        let pool = TensorPool(level: .portable, capacity: capacity)
        let runner = NetworkRunner(network, pool: pool, isCancelled: { false })
        var planes = [Float](repeating: 0.5, count: 3 * height * width)
        for _ in 0..<3 {
            let output = try #require(runner.forward(planes, height: height, width: width, remembers: true))
            #expect(runner.backward(output, into: &planes))
        }
        #expect(pool.outside == 0)
    }

    @Test(arguments: KernelLevel.supported)
    func theBorderIsZeroWhateverWasThere(_ level: KernelLevel) {
        let pool = TensorPool(level: level, capacity: 1 << 20)
        let shape = TensorPool.Shape(channels: 20, height: 5, width: 7)
        let bytes = fx_tensor_bytes(level.rawValue, 20, 5, 7)
        let dirty = pool.take(shape)
        dirty.raw.data.initializeMemory(as: UInt8.self, repeating: 0xFF, count: bytes)
        let place = dirty.raw.data
        pool.release(dirty)
        let clean = pool.take(shape)
        #expect(clean.raw.data == place)
        let sample = bytes / (2 * 7 * 9)
        let values = UnsafeRawBufferPointer(start: clean.raw.data, count: bytes)
        for block in 0..<2 {
            for row in 0..<7 {
                for column in 0..<9 {
                    let isBorder = row == 0 || row == 6 || column == 0 || column == 8
                    let first = ((block * 7 + row) * 9 + column) * sample
                    let expected: UInt8 = isBorder ? 0 : 0xFF
                    let isAsExpected = values[first..<first + sample].allSatisfy { $0 == expected }
                    #expect(isAsExpected)
                }
            }
        }
        pool.release(clean)
    }
}
