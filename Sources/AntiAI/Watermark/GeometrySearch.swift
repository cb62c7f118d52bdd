import Foundation

/// Finds poses in which the pilot's tones stand out of a spectrum. The payload has no part in it, so that the decision
/// stays a test of independent signs.
struct GeometrySearch {
    struct Candidate {
        var pose: Pose
        /// Sum over the tones, in the table's units.
        var score: Int
    }

    let spectrum: PilotSpectrum
    let carrier: Carrier
    static let scaleStep = 0.004
    static let angleStep = 0.25

    /// The best poses, apart from each other, each refined; best first.
    /// - Parameters:
    ///   - angles: degrees, in steps of `angleStep`.
    ///   - scales: lowest and highest.
    func best(_ count: Int, angles: [Double], scales: ClosedRange<Double>) -> [Candidate] {
        let steps = Int(log(scales.upperBound / scales.lowerBound) / GeometrySearch.scaleStep) + 1
        let factors = (0..<steps).map { scales.lowerBound * exp(GeometrySearch.scaleStep * Double($0)) }
        var found: [Candidate] = []
        var scores = [UInt16](repeating: 0, count: steps)
        for mirrored in [false, true] {
            for angle in angles {
                score(angle: angle, mirrored: mirrored, scales: factors, into: &scores)
                // Local maxima along the scale; the heap of candidates stays small.
                var (best, second) = (-1, -1)
                for index in 0..<steps {
                    if best < 0 || scores[index] > scores[best] {
                        if best >= 0, index - best > 2 { second = best }
                        best = index
                    } else if index - best > 2, second < 0 || scores[index] > scores[second] {
                        second = index
                    }
                }
                for index in [best, second] where index >= 0 {
                    found.append(
                        Candidate(
                            pose: Pose(scale: factors[index], angle: angle, mirrored: mirrored),
                            score: Int(scores[index])))
                }
            }
        }
        found.sort { $0.score > $1.score }
        var kept: [Candidate] = []
        for candidate in found where kept.count < count {
            let isNew = kept.allSatisfy { other in
                other.pose.mirrored != candidate.pose.mirrored
                    || GeometrySearch.turn(other.pose.angle, candidate.pose.angle) >= 1
                    || abs(other.pose.scale / candidate.pose.scale - 1) >= 0.012
            }
            if isNew { kept.append(candidate) }
        }
        return kept.map(refined)
    }

    /// Difference of two directions of a spectrum, degrees: half a turn is none.
    private static func turn(_ a: Double, _ b: Double) -> Double {
        let difference = abs(a - b).truncatingRemainder(dividingBy: 180)
        return min(difference, 180 - difference)
    }

    /// The best pose near the candidate on a grid five times finer.
    private func refined(_ candidate: Candidate) -> Candidate {
        var best = candidate
        let factors = (-5...5).map { candidate.pose.scale * exp(0.0008 * Double($0)) }
        var scores = [UInt16](repeating: 0, count: factors.count)
        // Bytes at rounded places make plateaus: the middle of the best ones is the estimate.
        var (sumAngle, sumScale, count, highest) = (0.0, 0.0, 0.0, -1)
        for step in -6...6 {
            let angle = candidate.pose.angle + 0.05 * Double(step)
            score(angle: angle, mirrored: candidate.pose.mirrored, scales: factors, into: &scores)
            for (index, score) in scores.enumerated() {
                if Int(score) > highest { (highest, sumAngle, sumScale, count) = (Int(score), 0, 0, 0) }
                if Int(score) == highest {
                    sumAngle += angle
                    sumScale += factors[index]
                    count += 1
                }
            }
        }
        best.pose.angle = sumAngle / count
        best.pose.scale = sumScale / count
        best.score = highest
        return best
    }

    /// Σ over the tones of the table at the place where the pose puts them. Scales ascend.
    private func score(angle: Double, mirrored: Bool, scales: [Double], into scores: inout [UInt16]) {
        typealias Lanes = SIMD8<Float>
        let unit = Pose(scale: 1, angle: angle, mirrored: mirrored).matrix
        let size = spectrum.size
        let highest = Float(PilotSpectrum.highest) * Float(size)
        let groups = (scales.count + 7) / 8
        // Adding 1.5 · 2²³ leaves the rounded number in the low bits of a float.
        let magic = Lanes(repeating: 12_582_912)
        let mask = SIMD8<UInt32>(repeating: UInt32(size - 1))
        let shift = SIMD8<UInt32>(repeating: UInt32(spectrum.pitch.trailingZeroBitCount))
        withUnsafeTemporaryAllocation(of: Float.self, capacity: groups * 8) { inverse in
            withUnsafeTemporaryAllocation(of: SIMD8<UInt16>.self, capacity: groups) { sums in
                for index in 0..<groups * 8 {
                    inverse[index] = Float(Double(size) / scales[min(index, scales.count - 1)])
                }
                for index in 0..<groups { sums[index] = .zero }
                let reciprocal = UnsafeRawPointer(inverse.baseAddress!)
                spectrum.table.withUnsafeBufferPointer { table in
                    let base = table.baseAddress!
                    for tone in carrier.pilots {
                        let (x, y) = (Double(tone.x) / Double(Carrier.tile), Double(tone.y) / Double(Carrier.tile))
                        var (dx, dy) = (Float(unit.xx * x + unit.xy * y), Float(unit.yx * x + unit.yy * y))
                        if dx < 0 { (dx, dy) = (-dx, -dy) }
                        // At the smallest scales the tone may lie beyond the table.
                        var group = 0
                        while group < groups, max(dx, abs(dy)) * inverse[8 * group] >= highest { group += 1 }
                        while group < groups {
                            let factor = reciprocal.load(fromByteOffset: 32 * group, as: Lanes.self)
                            let column = unsafeBitCast(factor * dx + magic, to: SIMD8<UInt32>.self) & mask
                            let row = unsafeBitCast(factor * dy + magic, to: SIMD8<UInt32>.self) & mask
                            let at = row &<< shift | column
                            var values = SIMD8<UInt16>()
                            for lane in 0..<8 { values[lane] = UInt16(base[Int(at[lane])]) }
                            sums[group] &+= values
                            group += 1
                        }
                    }
                }
                for index in 0..<scales.count { scores[index] = sums[index / 8][index % 8] }
            }
        }
    }
}
