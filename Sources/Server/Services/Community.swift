import Core
import Foundation
import Synchronization

/// A community: its data behind the ports, its rules, and the clock. Services are made from it.
package final class Community: Sendable {
    package let configuration: ServerConfiguration
    package let database: any Database
    package let objects: any ObjectStore
    package let partials: PartialFiles
    package let search: any SearchIndex
    package let jobs: any JobQueue
    package let workshop: any ImageWorkshop
    package let clock: any WallClock
    /// For decoding pictures and hashing passwords.
    package let workers: BlockingWork
    package let limiter: RateLimiter
    private let address: Mutex<String>

    package init(
        configuration: ServerConfiguration, database: any Database, objects: any ObjectStore,
        partials: PartialFiles, search: any SearchIndex, jobs: any JobQueue, workshop: any ImageWorkshop,
        clock: any WallClock = SystemClock()
    ) {
        self.configuration = configuration
        self.database = database
        self.objects = objects
        self.partials = partials
        self.search = search
        self.jobs = jobs
        self.workshop = workshop
        self.clock = clock
        workers = BlockingWork("fixative.workers", width: 2)
        limiter = RateLimiter(clock: clock)
        address = Mutex(configuration.publicURL ?? "http://localhost")
    }

    /// Where clients reach the community, without a slash at the end.
    package var base: String { address.withLock { $0 } }

    /// Once the port is known, unless the configuration says where clients come in.
    package func setAddress(_ url: String) {
        if configuration.publicURL == nil { address.withLock { $0 = url } }
    }

    package var passwords: PasswordHash { PasswordHash(cost: configuration.passwordCost, workers: workers) }
    package var accounts: AccountService { AccountService(community: self) }
    var oauth: OAuthService { OAuthService(community: self) }
    package var statuses: StatusService { StatusService(community: self) }
    package var media: MediaService { MediaService(community: self) }
    package var uploads: UploadService { UploadService(community: self) }
    var changes: ChangeService { ChangeService(community: self) }
}
