import Core

/// The payload's armour: CRC-16 (CCITT, 0x1021, from 0xFFFF), then the convolutional code K = 7, rate 1/3,
/// generators 133, 171, 165 (octal), ended by six zeros; decoded by a list Viterbi algorithm
/// (Seshadri and Sundberg, IEEE Trans. Commun. 42, 1994).
package enum ErrorCorrection {
    package static let messageBits = 64 + 16
    static let steps = messageBits + 6
    package static let codeBits = 3 * steps
    static let generators = [0o133, 0o171, 0o165]
    /// Paths that the decoder keeps in each state.
    static let listLength = 8

    /// The message: 64 bits of payload, most significant first, then 16 of checksum.
    static func message(for payload: MarkID) -> [UInt8] {
        let bits = (0..<64).map { UInt8(payload.rawValue >> UInt64(63 - $0) & 1) }
        let sum = checksum(bits)
        return bits + (0..<16).map { UInt8(sum >> UInt16(15 - $0) & 1) }
    }

    static func checksum(_ bits: some Sequence<UInt8>) -> UInt16 {
        var register: UInt16 = 0xFFFF
        for bit in bits {
            register ^= UInt16(bit) << 15
            register = register & 0x8000 != 0 ? (register << 1) ^ 0x1021 : register << 1
        }
        return register
    }

    /// The code word as ±1 (+1 is a zero bit).
    package static func encode(_ payload: MarkID) -> [Float] { encode(message: message(for: payload)) }

    static func encode(message: [UInt8]) -> [Float] {
        var state = 0
        var word: [Float] = []
        word.reserveCapacity(codeBits)
        for step in 0..<steps {
            let register = (step < messageBits ? Int(message[step]) : 0) << 6 | state
            for generator in generators { word.append(parity(register & generator) == 0 ? 1 : -1) }
            state = register >> 1
        }
        return word
    }

    private static func parity(_ value: Int) -> Int { value.nonzeroBitCount & 1 }

    /// The most likely payloads whose checksum is right, best first; empty mostly. `soft` > 0 speaks for a zero bit.
    package static func decode(_ soft: [Float]) -> [MarkID] {
        precondition(soft.count == codeBits)
        let list = listLength
        let width = 64 * list
        // The metric of each of the eight possible triples of code bits, and which triple each transition sends.
        var triple = [Int](repeating: 0, count: 128)
        for register in 0..<128 {
            for (index, generator) in generators.enumerated() {
                triple[register] |= parity(register & generator) << index
            }
        }
        var found: [MarkID] = []
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * width) { metrics in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: steps * width) { trace in
                let lowest = -Float.greatestFiniteMagnitude / 4
                for index in 0..<2 * width { metrics[index] = lowest }
                metrics[0] = 0
                for step in 0..<steps {
                    let from = metrics.baseAddress! + (step & 1) * width
                    let to = metrics.baseAddress! + (step & 1 ^ 1) * width
                    var gain = [Float](repeating: 0, count: 8)
                    for value in 0..<8 {
                        for bit in 0..<3 {
                            gain[value] += value >> bit & 1 == 0 ? soft[3 * step + bit] : -soft[3 * step + bit]
                        }
                    }
                    for state in 0..<64 {
                        let row = to + state * list
                        let input = state >> 5
                        guard step < messageBits || input == 0 else {
                            for rank in 0..<list { row[rank] = lowest }
                            continue
                        }
                        let before = (state << 1) & 63
                        let (even, odd) = (from + before * list, from + (before | 1) * list)
                        let evenGain = gain[triple[input << 6 | before]]
                        let oddGain = gain[triple[input << 6 | before | 1]]
                        var (i, j) = (0, 0)
                        for rank in 0..<list {
                            let (a, b) = (even[i] + evenGain, odd[j] + oddGain)
                            let at = step * width + state * list + rank
                            if a >= b {
                                row[rank] = a
                                trace[at] = UInt8(i << 1)
                                i += 1
                            } else {
                                row[rank] = b
                                trace[at] = UInt8(j << 1 | 1)
                                j += 1
                            }
                        }
                    }
                }
                var bits = [UInt8](repeating: 0, count: messageBits)
                for rank in 0..<list where metrics[(steps & 1) * width + rank] > lowest / 2 {
                    var (state, place) = (0, rank)
                    for step in stride(from: steps - 1, through: 0, by: -1) {
                        if step < messageBits { bits[step] = UInt8(state >> 5) }
                        let link = Int(trace[step * width + state * list + place])
                        state = (state << 1) & 63 | link & 1
                        place = link >> 1
                    }
                    let sum = bits[64...].reduce(UInt16(0)) { $0 << 1 | UInt16($1) }
                    if checksum(bits[..<64]) == sum {
                        found.append(MarkID(rawValue: bits[..<64].reduce(UInt64(0)) { $0 << 1 | UInt64($1) }))
                    }
                }
            }
        }
        return found
    }
}
