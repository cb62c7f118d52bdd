import Core
import Foundation

/// Times that people type: ISO 8601 with or without a zone, a local date and time, or a time of day.
enum PublishTime {
    /// - Parameters:
    ///   - zone: for texts that name none.
    ///   - now: a time of day means the next one after it.
    static func parse(_ text: String, zone: TimeZone = .current, now: Date = Date()) throws -> Date {
        if let date = try? Date.ISO8601FormatStyle().parse(text) { return date }
        let digits = text.split { !$0.isNumber }.compactMap { Int($0) }
        let shape = String(text.map { $0.isNumber ? "0" : $0 == " " ? "T" : $0 })
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var parts: DateComponents?
        switch shape {
        case "0000-00-00T00:00", "0000-00-00T00:00:00":
            parts = DateComponents(
                year: digits[0], month: digits[1], day: digits[2], hour: digits[3], minute: digits[4],
                second: digits.count > 5 ? digits[5] : 0)
        case "0000-00-00": parts = DateComponents(year: digits[0], month: digits[1], day: digits[2], hour: 0, minute: 0)
        case "00:00", "0:00":
            guard digits[0] < 24, digits[1] < 60 else { break }
            let time = DateComponents(hour: digits[0], minute: digits[1])
            if let next = calendar.nextDate(after: now, matching: time, matchingPolicy: .nextTime) { return next }
        default: break
        }
        guard let parts, isReal(parts, calendar), let date = calendar.date(from: parts) else {
            throw UserError("'\(Sanitiser.line(text, limit: 60))' is no time: write 2026-12-24T18:00, or 18:00.")
        }
        return date
    }

    /// Components without a calendar of their own cannot check themselves: what comes back must be what went in.
    private static func isReal(_ parts: DateComponents, _ calendar: Calendar) -> Bool {
        guard let date = calendar.date(from: parts) else { return false }
        let back = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
        return back.month == parts.month && back.day == parts.day && (0..<24).contains(parts.hour ?? 0)
            && (0..<60).contains(parts.minute ?? 0)
    }
}
