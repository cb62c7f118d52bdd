/// The people of a seeded community.
struct CastMember: Sendable {
    var username: String
    var displayName: String
    var note: String
    var license: String?
}

extension CastMember {
    static let all: [CastMember] = [
        CastMember(
            username: "mei_lin", displayName: "林梅 Mei Lin", note: "水彩与水墨。住在杭州，喜欢雨天。\nWatercolour and ink.",
            license: "CC-BY-NC-4.0"),
        CastMember(
            username: "haruka", displayName: "春香", note: "植物と余白を描きます。#水彩 #植物画", license: nil),
        CastMember(
            username: "ines", displayName: "Inês Duarte", note: "Vitrais e mosaicos, em vidro e em código. Porto.",
            license: "CC-BY-4.0"),
        CastMember(
            username: "tomasz", displayName: "Tomasz Zieliński",
            note: "Generative landscapes. Mostly hills, mostly fog.",
            license: nil),
        CastMember(
            username: "amara", displayName: "Amara Okafor",
            note: "Textiles, patterns, and the mathematics between threads.",
            license: "CC-BY-SA-4.0"),
        CastMember(username: "yuki", displayName: "雪", note: "ドット絵と夜空。おやすみなさい。", license: nil),
        CastMember(
            username: "jonas", displayName: "Jonas Lindqvist",
            note: "Northern skies. I draw what I could not photograph.",
            license: "CC-BY-NC-ND-4.0"),
        CastMember(
            username: "priya", displayName: "Priya Raman", note: "Circles, kolams, colour studies.",
            license: "CC-BY-4.0"),
        CastMember(
            username: "chen_wei", displayName: "陈伟", note: "画城市，也画城市里的树。", license: "CC-BY-NC-4.0"),
        CastMember(
            username: "sofia", displayName: "Sofía Herrera", note: "El mar, siempre el mar. #olas", license: nil),
        CastMember(
            username: "noor", displayName: "Noor Haddad", note: "Marbled paper and other accidents. نور",
            license: "CC-BY-SA-4.0"),
        CastMember(
            username: "luca", displayName: "Luca Ferri", note: "Op art after breakfast. Please do not stare too long.",
            license: nil),
    ]

    /// So many people; after the named ones come numbered ones.
    static func cast(_ count: Int) -> [CastMember] {
        (0..<count).map { index in
            index < all.count
                ? all[index]
                : CastMember(username: "artist\(index + 1)", displayName: "Artist \(index + 1)", note: "", license: nil)
        }
    }
}
