import Core
import Terminal

/// The figures of a protection report in words.
@MainActor enum ReportText {
    static func number(_ value: Double, _ digits: Int) -> String {
        value.formatted(
            .number.precision(.fractionLength(digits)).grouping(.never).locale(.init(identifier: "en_US_POSIX")))
    }

    static func summary(_ report: ProtectionReport, _ app: App) -> String {
        lines(report, app).prefix(2).joined(separator: " · ")
    }

    static func lines(_ report: ProtectionReport, _ app: App) -> [String] {
        var result = [app.text(FormText.visibilityScore, number(report.visibility, 1))]
        result.append(app.text(FormText.figures, report.psnr.map { number($0, 1) } ?? "∞", number(report.ssim, 4)))
        result.append(app.text(FormText.worst, number(report.worstDeltaE, 1)))
        if let check = report.selfCheck {
            func word(_ passed: Bool) -> String { app.text(passed ? FormText.passed : .notPassed) }
            result.append(app.text(FormText.selfCheck, word(check.jpeg75), word(check.scale50)))
        }
        if let cloak = report.cloak {
            let ratio = cloak.displacement / max(cloak.noiseDisplacement, 1e-9)
            result.append(
                app.text(
                    FormText.cloakMoved, number(cloak.displacement, 3), number(cloak.noiseDisplacement, 3),
                    number(ratio, 2)))
        }
        return result
    }
}
