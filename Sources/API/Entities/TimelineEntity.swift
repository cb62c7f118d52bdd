/// A status as lists carry it: a boost has what it boosts inside.
public struct TimelineEntity: Decodable, Sendable {
    public var entity: StatusEntity
    public var reblog: StatusEntity?

    /// What is to be seen.
    public var shown: StatusEntity { reblog ?? entity }

    private enum CodingKeys: String, CodingKey { case reblog }

    public init(from decoder: any Decoder) throws {
        entity = try StatusEntity(from: decoder)
        reblog = try decoder.container(keyedBy: CodingKeys.self).lenient(StatusEntity.self, .reblog)
    }
}
