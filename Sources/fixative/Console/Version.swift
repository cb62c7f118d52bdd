/// The version that the programs report.
enum Version {
    static let text = "0.1.0"
}
