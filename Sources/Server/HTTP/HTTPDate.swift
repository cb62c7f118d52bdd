import Foundation

/// Dates in headers: IMF-fixdate (RFC 9110 section 5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func string(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let part = calendar.dateComponents([.weekday, .day, .month, .year, .hour, .minute, .second], from: date)
        func two(_ value: Int?) -> String { String(format: "%02d", value ?? 0) }
        let day = days[(part.weekday ?? 1) - 1]
        let month = months[(part.month ?? 1) - 1]
        let time = [part.hour, part.minute, part.second].map(two).joined(separator: ":")
        return "\(day), \(two(part.day)) \(month) \(part.year ?? 1970) \(time) GMT"
    }
}
