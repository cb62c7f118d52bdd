import CCloakKernels
import Foundation

/// Which instructions the cloak's arithmetic uses. The result depends on it in the last bits, so a machine always uses
/// its best.
package enum KernelLevel: Int32, CaseIterable, Sendable {
    case portable, avx2, avx512, bf16

    package var isSupported: Bool { fx_cloak_supports(rawValue) != 0 }

    /// The levels that this machine can run, slowest first.
    package static let supported = allCases.filter(\.isSupported)

    /// The best that this machine can run, unless `FIXATIVE_CLOAK_LEVEL` names another that it can (for measurements).
    package static let chosen: KernelLevel = {
        let wanted = ProcessInfo.processInfo.environment["FIXATIVE_CLOAK_LEVEL"]
        return supported.first { "\($0)" == wanted } ?? supported.last ?? .portable
    }()
}
