import Core
import Imaging

/// Which input samples, with which weights, make each output sample along one axis.
struct ResamplingTable {
    /// Taps per output sample.
    let taps: Int
    let starts: [Int32]
    /// `taps` weights for each output sample; taps outside the input have moved to the edge.
    let weights: [Float]

    /// Output sample i stands at (i + ½) · step − ½ of the input. `step` > 1 shrinks, with the filter widened so that
    /// nothing aliases; `antialias` off interpolates only. Catmull and Rom's cubic; identity costs nothing.
    init(input: Int, output: Int, step: Double, antialias: Bool = true) {
        if step == 1, output <= input {
            taps = 1
            starts = (0..<output).map(Int32.init)
            weights = [Float](repeating: 1, count: output)
            return
        }
        // Beyond 4:1 a cubic costs more than it brings: a box is enough.
        let box = antialias && step > 4
        let width = antialias ? max(step, 1) : 1
        let support = box ? width / 2 + 0.5 : 2 * width
        let taps = min((Int((2 * support).rounded(.up)) + 3) / 4 * 4, input)
        var starts: [Int32] = []
        var weights: [Float] = []
        starts.reserveCapacity(output)
        weights.reserveCapacity(output * taps)
        for index in 0..<output {
            let centre = (Double(index) + 0.5) * step - 0.5
            let first = Int((centre - support).rounded(.down)) + 1
            let start = min(max(first, 0), input - taps)
            var row = [Double](repeating: 0, count: taps)
            var sum = 0.0
            for position in first..<first + Int((2 * support).rounded(.up)) {
                let distance = abs(Double(position) - centre)
                let overlap = max(0, min(1, width / 2 + 0.5 - distance))
                let weight = box ? overlap : ResamplingTable.cubic(distance / width)
                row[min(max(position, start), start + taps - 1) - start] += weight
                sum += weight
            }
            starts.append(Int32(start))
            for weight in row { weights.append(Float(weight / sum)) }
        }
        self.taps = taps
        self.starts = starts
        self.weights = weights
    }

    static func cubic(_ x: Double) -> Double {
        if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
        if x < 2 { return ((-0.5 * x + 2.5) * x - 4) * x + 2 }
        return 0
    }

    /// One row: `output[i] = Σ weights · input`.
    @inline(__always)
    func apply(_ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>) {
        let count = starts.count
        starts.withUnsafeBufferPointer { starts in
            weights.withUnsafeBufferPointer { weights in
                if taps == 1 {
                    for index in 0..<count { output[index] = input[index] }
                    return
                }
                var at = 0
                if taps % 4 == 0 {
                    let (source, table) = (UnsafeRawPointer(input), UnsafeRawPointer(weights.baseAddress!))
                    for index in 0..<count {
                        var sum = SIMD4<Float>.zero
                        for tap in stride(from: 0, to: taps, by: 4) {
                            let from = 4 * (Int(starts[index]) + tap)
                            sum +=
                                source.loadUnaligned(fromByteOffset: from, as: SIMD4<Float>.self)
                                * table.loadUnaligned(fromByteOffset: 4 * (at + tap), as: SIMD4<Float>.self)
                        }
                        let pair = sum.lowHalf + sum.highHalf
                        output[index] = pair[0] + pair[1]
                        at += taps
                    }
                    return
                }
                for index in 0..<count {
                    let from = input + Int(starts[index])
                    var sum: Float = 0
                    for tap in 0..<taps { sum += from[tap] * weights[at + tap] }
                    output[index] = sum
                    at += taps
                }
            }
        }
    }
}

/// Resamples by rows: only as many rows as the vertical filter is high are ever in memory.
struct RowResampler {
    private let horizontal: ResamplingTable
    private let vertical: ResamplingTable
    private let width: Int
    private var ring: [Float]
    private var source: [Float]
    private var nextInput = 0
    private var nextOutput = 0

    init(inputWidth: Int, horizontal: ResamplingTable, vertical: ResamplingTable) {
        self.horizontal = horizontal
        self.vertical = vertical
        width = horizontal.starts.count
        ring = [Float](repeating: 0, count: width * vertical.taps)
        source = [Float](repeating: 0, count: inputWidth)
    }

    /// The next output row. `row` fills the buffer with input row y; it is asked for every row once, in order.
    mutating func next(
        _ output: UnsafeMutablePointer<Float>, row: (_ y: Int, _ buffer: UnsafeMutablePointer<Float>) -> Void
    ) {
        let taps = vertical.taps
        let start = Int(vertical.starts[nextOutput])
        let width = width
        ring.withUnsafeMutableBufferPointer { ring in
            source.withUnsafeMutableBufferPointer { source in
                while nextInput < start + taps {
                    let slot = ring.baseAddress! + nextInput % taps * width
                    if horizontal.taps == 1 {
                        if source.count == width {
                            row(nextInput, slot)
                        } else {
                            row(nextInput, source.baseAddress!)
                            slot.update(from: source.baseAddress!, count: width)
                        }
                    } else {
                        row(nextInput, source.baseAddress!)
                        horizontal.apply(source.baseAddress!, slot)
                    }
                    nextInput += 1
                }
            }
            for tap in 0..<taps {
                let weight = vertical.weights[nextOutput * taps + tap]
                let slot = ring.baseAddress! + (start + tap) % taps * width
                if tap == 0 {
                    for x in 0..<width { output[x] = slot[x] * weight }
                } else {
                    for x in 0..<width { output[x] += slot[x] * weight }
                }
            }
        }
        nextOutput += 1
    }
}

extension Plane {
    /// Resamples to the given size; one output pixel covers `step` input pixels, the upper left corners coincide.
    func resampled(width: Int, height: Int, step: Double, antialias: Bool = true) -> Plane {
        var result = Plane(width: width, height: height)
        values.withUnsafeBufferPointer { source in
            var resampler = RowResampler(
                inputWidth: self.width,
                horizontal: ResamplingTable(input: self.width, output: width, step: step, antialias: antialias),
                vertical: ResamplingTable(input: self.height, output: height, step: step, antialias: antialias))
            result.values.withUnsafeMutableBufferPointer { target in
                for y in 0..<height {
                    resampler.next(target.baseAddress! + y * width) { row, buffer in
                        buffer.update(from: source.baseAddress! + row * self.width, count: self.width)
                    }
                }
            }
        }
        return result
    }
}
