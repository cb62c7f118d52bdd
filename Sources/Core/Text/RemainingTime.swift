/// How long work that reports its progress will still take.
public enum RemainingTime {
    /// Whole seconds that are left at the pace so far; nil while it is too early to say.
    ///
    /// - Parameters:
    ///   - elapsed: seconds since the start.
    ///   - fraction: 0…1.
    public static func seconds(elapsed: Double, fraction: Double) -> Int? {
        guard elapsed >= 2, fraction >= 0.1, fraction <= 1 else { return nil }
        return Int((elapsed * (1 - fraction) / fraction).rounded(.up))
    }
}
