import Foundation

/// Complex FFT of a power-of-two length, eight independent signals at a time in the lanes of `SIMD8<Float>`.
///
/// In-place decimation in time, radix 4 (two radix-2 stages fused, so the input order is plain bit reversal).
package final class FourierTransform: Sendable {
    package typealias Lanes = SIMD8<Float>

    package let count: Int
    /// Where the element of index i has to be put before `transform`.
    package let order: [Int32]
    private let cosines: [Float]
    private let sines: [Float]

    /// - Precondition: `count` is a power of two of at least 4.
    package init(count: Int) {
        precondition(count >= 4 && count & (count - 1) == 0)
        self.count = count
        let bits = count.trailingZeroBitCount
        order = (0..<count).map { index in
            var reversed = 0
            for bit in 0..<bits where index >> bit & 1 == 1 { reversed |= 1 << (bits - 1 - bit) }
            return Int32(reversed)
        }
        cosines = (0..<count).map { Float(cos(2 * Double.pi * Double($0) / Double(count))) }
        sines = (0..<count).map { Float(-sin(2 * Double.pi * Double($0) / Double(count))) }
    }

    /// X[k] = Σ x[j] e^(−2πi jk/n), unnormalised; the input lies in the order of `order`, the output in natural order.
    /// Exchanging the two buffers gives the inverse transform (times n).
    package func transform(_ re: UnsafeMutablePointer<Lanes>, _ im: UnsafeMutablePointer<Lanes>) {
        cosines.withUnsafeBufferPointer { cosines in
            sines.withUnsafeBufferPointer { sines in
                run(re, im, cosines.baseAddress!, sines.baseAddress!)
            }
        }
    }

    @inline(__always)
    private func run(
        _ re: UnsafeMutablePointer<Lanes>, _ im: UnsafeMutablePointer<Lanes>, _ cosines: UnsafePointer<Float>,
        _ sines: UnsafePointer<Float>
    ) {
        var quarter = 1
        if count.trailingZeroBitCount % 2 == 1 {
            for index in stride(from: 0, to: count, by: 2) {
                let (ar, ai, br, bi) = (re[index], im[index], re[index + 1], im[index + 1])
                re[index] = ar + br
                im[index] = ai + bi
                re[index + 1] = ar - br
                im[index + 1] = ai - bi
            }
            quarter = 2
        }
        while quarter < count {
            let step = count / (4 * quarter)
            for offset in 0..<quarter {
                let (c1, s1) = (cosines[offset * step], sines[offset * step])
                let (c2, s2) = (cosines[2 * offset * step], sines[2 * offset * step])
                let (c3, s3) = (cosines[3 * offset * step], sines[3 * offset * step])
                var at = offset
                while at < count {
                    let (i1, i2, i3) = (at + quarter, at + 2 * quarter, at + 3 * quarter)
                    let (r0, m0) = (re[at], im[at])
                    let (x1, y1, x2, y2, x3, y3) = (re[i1], im[i1], re[i2], im[i2], re[i3], im[i3])
                    let (r1, m1) = (x1 * c2 - y1 * s2, x1 * s2 + y1 * c2)
                    let (r2, m2) = (x2 * c1 - y2 * s1, x2 * s1 + y2 * c1)
                    let (r3, m3) = (x3 * c3 - y3 * s3, x3 * s3 + y3 * c3)
                    let (pr, pm, qr, qm) = (r0 + r1, m0 + m1, r0 - r1, m0 - m1)
                    let (ur, um, vr, vm) = (r2 + r3, m2 + m3, r2 - r3, m2 - m3)
                    re[at] = pr + ur
                    im[at] = pm + um
                    re[i2] = pr - ur
                    im[i2] = pm - um
                    re[i1] = qr + vm
                    im[i1] = qm - vr
                    re[i3] = qr - vm
                    im[i3] = qm + vr
                    at += 4 * quarter
                }
            }
            quarter *= 4
        }
    }
}

/// A square of complex numbers, row after row, in split form.
package struct ComplexSquare: Sendable {
    package let side: Int
    package var re: [Float]
    package var im: [Float]

    package init(side: Int) {
        self.side = side
        re = [Float](repeating: 0, count: side * side)
        im = re
    }

    /// Two-dimensional transform in place: forward, or inverse without normalisation.
    package mutating func transform(_ fft: FourierTransform, inverse: Bool = false) {
        precondition(fft.count == side && side % 8 == 0)
        columns(fft, inverse)
        transpose()
        columns(fft, inverse)
        transpose()
    }

    private mutating func columns(_ fft: FourierTransform, _ inverse: Bool) {
        let side = side
        typealias Lanes = FourierTransform.Lanes
        re.withUnsafeMutableBytes { re in
            im.withUnsafeMutableBytes { im in
                withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 2 * side) { scratch in
                    let (x, y) = (scratch.baseAddress!, scratch.baseAddress! + side)
                    for column in stride(from: 0, to: side, by: 8) {
                        for row in 0..<side {
                            let to = Int(fft.order[row])
                            let from = (row * side + column) * 4
                            x[to] = re.loadUnaligned(fromByteOffset: from, as: Lanes.self)
                            y[to] = im.loadUnaligned(fromByteOffset: from, as: Lanes.self)
                        }
                        if inverse { fft.transform(y, x) } else { fft.transform(x, y) }
                        for row in 0..<side {
                            let to = (row * side + column) * 4
                            re.storeBytes(of: x[row], toByteOffset: to, as: Lanes.self)
                            im.storeBytes(of: y[row], toByteOffset: to, as: Lanes.self)
                        }
                    }
                }
            }
        }
    }

    private mutating func transpose() {
        let side = side
        func flip(_ values: inout [Float]) {
            values.withUnsafeMutableBufferPointer { values in
                for y in 0..<side {
                    for x in 0..<y {
                        let kept = values[y * side + x]
                        values[y * side + x] = values[x * side + y]
                        values[x * side + y] = kept
                    }
                }
            }
        }
        flip(&re)
        flip(&im)
    }
}
