import Core
import Foundation
import Imaging

/// Looks for a mark, the likely ways first: as it is on each plane, then cropped, then turned by any angle.
struct Reader {
    private let carriers: [Carrier]
    private let longEdge: Int
    /// The picture at the largest working size; smaller ones are made from it.
    private let luma: Plane
    private let planes: [Int]
    private var pictures: [Int: WorkingPicture] = [:]
    private var spectra: [Int: PilotSpectrum] = [:]
    /// Poses that were tried for a plane and a key, so that a wider search does not repeat a narrower one.
    private var tried: [Attempt: [Pose]] = [:]
    /// Where the mark that was read first lies.
    private var found: (plane: Int, pose: Pose)?
    /// Candidates looked at so far: each makes the decision a little stricter.
    private var trials = 0

    private struct Attempt: Hashable {
        var plane: Int
        var key: Int
    }

    init(raster: Raster, keys: [WatermarkKey]) {
        self.init(width: raster.width, height: raster.height, keys: keys, luma: raster.luma)
    }

    init(file: RasterFile, keys: [WatermarkKey]) {
        self.init(width: file.width, height: file.height, keys: keys, luma: file.luma)
    }

    private init(
        width: Int, height: Int, keys: [WatermarkKey],
        luma: (_ width: Int, _ height: Int, _ step: Double) -> Plane
    ) {
        carriers = keys.map(Carrier.init(key:))
        longEdge = max(width, height)
        planes = CanonicalPlane.hypotheses(forLongEdge: longEdge)
        let working = min(longEdge, planes.max() ?? longEdge)
        let step = Double(longEdge) / Double(working)
        self.luma = luma(Reader.size(width, step), Reader.size(height, step), step)
    }

    private static func size(_ length: Int, _ step: Double) -> Int {
        max(8, Int((Double(length) / step - 1e-6).rounded(.up)))
    }

    /// The marks of all keys: the first that is found, and those of the other keys in the same place.
    mutating func readAll() -> [WatermarkReading] {
        guard let first = read(), let found else { return [] }
        let others = carriers.indices.filter { $0 != first.keyIndex }.compactMap {
            attempt(found.plane, found.pose, SquareSymmetry.all, only: $0)
        }
        return ([first] + others).sorted { $0.keyIndex < $1.keyIndex }
    }

    mutating func read() -> WatermarkReading? {
        for plane in planes {
            let pose = Pose(scale: uncroppedScale(plane), angle: 0, mirrored: false)
            if let reading = attempt(plane, pose, SquareSymmetry.all) { return reading }
        }
        // Straight or turned by a quarter, cropped: only the scale is unknown, and a degree of slack.
        let straight = (-4...4).flatMap { [Double($0) * 0.25, 90 + Double($0) * 0.25] }
        for plane in planes {
            if let reading = search(plane, angles: straight, count: 3) { return reading }
        }
        let all = (0..<720).map { Double($0) * GeometrySearch.angleStep }
        for plane in planes {
            if let reading = search(plane, angles: all, count: 6) { return reading }
        }
        return nil
    }

    /// How clearly a known payload stands in a picture that was only scaled since it was marked on that plane: with the
    /// key with which it stands least clearly.
    mutating func certainty(of payload: MarkID, plane: Int) -> Double {
        let pose = Pose(scale: uncroppedScale(plane), angle: 0, mirrored: false)
        let fold = TileFold(picture(plane), pose: pose)
        let word = ErrorCorrection.encode(Scrambling.scramble(payload))
        return carriers.map { carrier in
            let soft = fold.soft(carrier, fold.align(carrier, .identity))
            return Decision.logFalsePositive(soft: soft.values, word: word, trial: 1)
        }.max() ?? 0
    }

    /// Long edge of the picture in which marks of a plane are looked for.
    private func workingEdge(_ plane: Int) -> Int { min(plane, longEdge) }

    /// Working pixels per canonical pixel if nothing was cut off.
    private func uncroppedScale(_ plane: Int) -> Double { Double(workingEdge(plane)) / Double(plane) }

    private mutating func picture(_ plane: Int) -> WorkingPicture {
        let edge = workingEdge(plane)
        if let known = pictures[edge] { return known }
        let present = max(luma.width, luma.height)
        let step = Double(present) / Double(edge)
        let scaled =
            present == edge
            ? luma
            : luma.resampled(width: Reader.size(luma.width, step), height: Reader.size(luma.height, step), step: step)
        let picture = WorkingPicture(scaled)
        pictures[edge] = picture
        return picture
    }

    private mutating func search(_ plane: Int, angles: [Double], count: Int) -> WatermarkReading? {
        let edge = workingEdge(plane)
        let picture = picture(plane)
        let spectrum = spectra[edge] ?? PilotSpectrum(picture)
        spectra[edge] = spectrum
        let middle = uncroppedScale(plane)
        for index in carriers.indices {
            let search = GeometrySearch(spectrum: spectrum, carrier: carriers[index])
            for candidate in search.best(count, angles: angles, scales: middle * 0.55...middle * 1.65) {
                let known = tried[Attempt(plane: plane, key: index), default: []]
                if known.contains(where: { $0.isClose(to: candidate.pose) }) { continue }
                tried[Attempt(plane: plane, key: index)] = known + [candidate.pose]
                if let reading = attempt(plane, candidate.pose, [.identity, .half], only: index) { return reading }
            }
        }
        return nil
    }

    /// Folds once and tries the orientations, the one with the clearest pilot first.
    private mutating func attempt(
        _ plane: Int, _ pose: Pose, _ orientations: [SquareSymmetry], only key: Int? = nil
    ) -> WatermarkReading? {
        let fold = TileFold(picture(plane), pose: pose)
        for index in carriers.indices where key == nil || key == index {
            let carrier = carriers[index]
            let alignments = orientations.map { fold.align(carrier, $0) }.sorted { $0.strength > $1.strength }
            for alignment in alignments {
                trials += 1
                let soft = fold.soft(carrier, alignment)
                guard soft.isPromising else { continue }
                let message = ErrorCorrection.decode(soft.values)
                let certainty = Decision.logFalsePositive(
                    soft: soft.values, word: ErrorCorrection.encode(message), trial: trials)
                if Decision.accepts(certainty),
                    ErrorCorrection.ambiguity(soft: soft.values, payload: message) < Decision.highestAmbiguity
                {
                    found = (plane, pose)
                    return WatermarkReading(
                        payload: Scrambling.unscramble(message), logFalsePositive: certainty,
                        geometry: geometry(plane, fold, alignment), keyIndex: index)
                }
            }
        }
        return nil
    }

    private func geometry(_ plane: Int, _ fold: TileFold, _ alignment: Alignment) -> WatermarkReading.Geometry {
        let (m, q) = (fold.pose.matrix, alignment.orientation)
        // Picture from canonical: the pose after the orientation.
        let xx = m.xx * Double(q.xx) + m.xy * Double(q.yx)
        let xy = m.xx * Double(q.xy) + m.xy * Double(q.yy)
        let yx = m.yx * Double(q.xx) + m.yy * Double(q.yx)
        let yy = m.yx * Double(q.xy) + m.yy * Double(q.yy)
        let flip = xx * yy - xy * yx < 0
        // With x mirrored first, the first column is minus that of the rotation.
        let angle = flip ? angleOf(-xx, -yx) : angleOf(xx, yx)
        let determinant = m.xx * m.yy - m.xy * m.yx
        let (left, top) = (-0.5 - fold.originX, -0.5 - fold.originY)
        let gridX = (m.yy * left - m.xy * top) / determinant
        let gridY = (m.xx * top - m.yx * left) / determinant
        let x = Double(q.xx) * gridX + Double(q.yx) * gridY + alignment.x + 0.5
        let y = Double(q.xy) * gridX + Double(q.yy) * gridY + alignment.y + 0.5
        let picturePerWorking = Double(longEdge) / Double(workingEdge(plane))
        let scale = fold.pose.scale * picturePerWorking
        // Without a crop the plane's long edge is the picture's, turned or not.
        let quarter = abs(angle.remainder(dividingBy: 90)) < 0.5
        let ratio = fold.pose.scale / uncroppedScale(plane)
        return WatermarkReading.Geometry(
            scale: scale, rotation: angle, flip: flip, x: modulo(x), y: modulo(y), plane: plane,
            crop: quarter ? abs(ratio - 1) > 0.005 : nil)
    }

    private func angleOf(_ c: Double, _ s: Double) -> Double { atan2(s, c) * 180 / .pi }

    private func modulo(_ value: Double) -> Double {
        let rest = value.truncatingRemainder(dividingBy: Double(Carrier.tile))
        return rest < 0 ? rest + Double(Carrier.tile) : rest
    }
}
