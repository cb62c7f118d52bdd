import Core
import Foundation

/// The payload's armour: the tail-biting convolutional code K = 15, rate 1/6, with the generators that NASA flew on
/// Cassini and Mars Pathfinder (46321, 51271, 63667, 70535, 73277, 76513 octal; free distance 56).
///
/// It has no checksum and no tail: both would cost signal, and the decision (`Decision`, `ambiguity`) needs neither.
/// Over white noise it is decoded right nine times in ten at the strength at which a mark may just be reported at all,
/// so a stronger code would bring next to nothing.
package enum ErrorCorrection {
    package static let messageBits = 64
    static let memory = 14
    static let generators = [0o46321, 0o51271, 0o63667, 0o70535, 0o73277, 0o76513]
    package static let codeBits = messageBits * generators.count
    private static let states = 1 << memory

    /// For each content of the shift register (the newest bit on top) the six code bits that it sends.
    static let outputs: [UInt8] = (0..<2 * states).map { register in
        var value: UInt8 = 0
        for (index, generator) in generators.enumerated() {
            value |= UInt8((register & generator).nonzeroBitCount & 1) << UInt8(index)
        }
        return value
    }

    /// The code word as ±1 (+1 is a zero bit); the register starts with the message's last bits.
    package static func encode(_ payload: MarkID) -> [Float] {
        var state = 0
        for index in messageBits - memory..<messageBits { state = state >> 1 | bit(payload.rawValue, index) << 13 }
        var word: [Float] = []
        word.reserveCapacity(codeBits)
        for index in 0..<messageBits {
            let register = bit(payload.rawValue, index) << memory | state
            let output = outputs[register]
            for place in generators.indices { word.append(output >> UInt8(place) & 1 == 0 ? 1 : -1) }
            state = register >> 1
        }
        return word
    }

    /// Message bit `index`, the most significant first.
    private static func bit(_ value: UInt64, _ index: Int) -> Int { Int(value >> UInt64(63 - index) & 1) }

    /// The most likely payload: the Viterbi algorithm goes around the circle three times, from no state in particular,
    /// and the middle lap is the answer. `soft` > 0 speaks for a zero bit.
    package static func decode(_ soft: [Float]) -> MarkID {
        precondition(soft.count == codeBits)
        let laps = 3
        let half = states / 2
        let steps = laps * messageBits
        var payload: UInt64 = 0
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * states + half) { memory in
            // One bit per state and step: which of its two predecessors won.
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: steps * states / 8) { trace in
                outputs.withUnsafeBufferPointer { outputs in
                    var (from, to) = (memory.baseAddress!, memory.baseAddress! + states)
                    let gains = memory.baseAddress! + 2 * states
                    for state in 0..<states { from[state] = 0 }
                    for step in 0..<steps {
                        branchGains(soft, step % messageBits, outputs.baseAddress!, gains)
                        advance(from, gains, to, trace.baseAddress! + step * states / 8)
                        swap(&from, &to)
                    }
                    var state = 0
                    for other in 1..<states where from[other] > from[state] { state = other }
                    for step in stride(from: steps - 1, through: messageBits, by: -1) {
                        let index = step - messageBits
                        if index < messageBits {
                            payload |= UInt64(state >> (self.memory - 1)) << UInt64(63 - index)
                        }
                        let link = Int(trace[step * states / 8 + state >> 3] >> UInt8(state & 7)) & 1
                        state = (state << 1) & (states - 1) | link
                    }
                }
            }
        }
        return MarkID(rawValue: payload)
    }

    /// What a step gains on the branch from state 2j with a zero bit, for every j. The other three branches between
    /// the same states gain plus or minus as much, because every generator taps both ends of the register.
    private static func branchGains(
        _ soft: [Float], _ index: Int, _ outputs: UnsafePointer<UInt8>, _ gains: UnsafeMutablePointer<Float>
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 1 << generators.count) { sums in
            for value in 0..<sums.count {
                sums[value] = 0
                for place in generators.indices {
                    let part = soft[index * generators.count + place]
                    sums[value] += value >> place & 1 == 0 ? part : -part
                }
            }
            for pair in 0..<states / 2 { gains[pair] = sums[Int(outputs[2 * pair])] }
        }
    }

    /// One step of the Viterbi algorithm: adds, compares, selects.
    private static func advance(
        _ from: UnsafePointer<Float>, _ gains: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>,
        _ trace: UnsafeMutablePointer<UInt8>
    ) {
        typealias Lanes = SIMD8<Float>
        let half = states / 2
        let (source, gain) = (UnsafeRawPointer(from), UnsafeRawPointer(gains))
        let target = UnsafeMutableRawPointer(to)
        let weights = SIMD8<UInt32>(1, 2, 4, 8, 16, 32, 64, 128)
        for pair in stride(from: 0, to: half, by: 8) {
            let lower = source.loadUnaligned(fromByteOffset: 8 * pair, as: Lanes.self)
            let upper = source.loadUnaligned(fromByteOffset: 8 * pair + 32, as: Lanes.self)
            let even = Lanes(lowHalf: lower.evenHalf, highHalf: upper.evenHalf)
            let odd = Lanes(lowHalf: lower.oddHalf, highHalf: upper.oddHalf)
            let change = gain.loadUnaligned(fromByteOffset: 4 * pair, as: Lanes.self)
            let (a, b) = (even + change, odd - change)
            let (c, d) = (even - change, odd + change)
            let (zero, one) = (a .< b, c .< d)
            target.storeBytes(of: a.replacing(with: b, where: zero), toByteOffset: 4 * pair, as: Lanes.self)
            target.storeBytes(of: c.replacing(with: d, where: one), toByteOffset: 4 * (pair + half), as: Lanes.self)
            trace[pair / 8] = UInt8(
                truncatingIfNeeded: SIMD8<UInt32>.zero.replacing(with: weights, where: zero).wrappedSum())
            trace[(pair + half) / 8] = UInt8(
                truncatingIfNeeded: SIMD8<UInt32>.zero.replacing(with: weights, where: one).wrappedSum())
        }
    }
}

extension ErrorCorrection {
    /// Where the lightest code words have their ones, up to a shift around the circle: those of messages that span at
    /// most twelve bits, up to weight 66. A wrong answer of the decoder is nearly always one of these away from the
    /// right one.
    private static let lightest: [[Int]] = stride(from: UInt64(1), to: 1 << 12, by: 2).compactMap { message in
        let word = encode(MarkID(rawValue: message))
        let ones = word.indices.filter { word[$0] < 0 }
        return ones.count <= 66 ? ones : nil
    }

    /// How likely another code word is than the one that was decoded: Σ exp(−difference of the log likelihoods) over
    /// its close neighbours, for Gaussian noise whose size is measured on the spot. A mark that is there but too faint
    /// could otherwise be read with a bit wrong.
    package static func ambiguity(soft: [Float], payload: MarkID) -> Double {
        let agreeing = zip(soft, encode(payload)).map { Double($0 * $1) }
        let mean = agreeing.reduce(0, +) / Double(codeBits)
        let variance = agreeing.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(codeBits)
        guard mean > 0 else { return .infinity }
        let scale = 2 * mean / max(variance, 1e-30)
        var sum = 0.0
        for ones in lightest {
            for shift in stride(from: 0, to: codeBits, by: generators.count) {
                let difference = ones.reduce(0.0) { $0 + agreeing[($1 + shift) % codeBits] }
                sum += exp(-scale * difference)
            }
        }
        return sum
    }
}
