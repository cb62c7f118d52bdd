/// Five colours that go together: a ground, three in between, and an accent.
struct Palette: Sendable {
    var ground: Ink
    var inks: [Ink]
    var accent: Ink

    init(_ ground: UInt32, _ inks: [UInt32], _ accent: UInt32) {
        self.ground = Ink(ground)
        self.inks = inks.map { Ink($0) }
        self.accent = Ink(accent)
    }

    static let dusk = Palette(0xF7C59F, [0x6B4E71, 0x3A4E7A, 0x2A3D66, 0xB56576], 0xFFE8C2)
    static let meadow = Palette(0xF2F0DC, [0x588157, 0x3A5A40, 0xA3B18A, 0x7F9C6C], 0xE07A5F)
    static let sea = Palette(0xE8F1F2, [0x13496B, 0x1B6F8F, 0x4BA3B7, 0x8FD0CF], 0xF4A259)
    static let ember = Palette(0x241623, [0xD0323A, 0xF18F01, 0x8F2D56, 0xF6C667], 0xFFF1D0)
    static let orchard = Palette(0xFFF6E9, [0xD1495B, 0xEDAE49, 0x66A182, 0x2E4057], 0x00798C)
    static let ink = Palette(0xF3EDE0, [0x1F1F24, 0x46464F, 0x77777C, 0xA8A49C], 0xB3261E)
    static let aurora = Palette(0x0B132B, [0x3DDC97, 0x46B1C9, 0x84C0C6, 0x9B5DE5], 0xE0FBFC)
    static let candy = Palette(0xFFF0F3, [0xFF8FA3, 0xFFB3C1, 0x9D4EDD, 0x5A189A], 0xFFD166)
    static let clay = Palette(0xEFE6DD, [0xA44A3F, 0xD4A276, 0x6F4E37, 0xBC6C25], 0x283618)
    static let iris = Palette(0xF4F1FF, [0x5B5EA6, 0x9B8AC4, 0x2E294E, 0xC8B6FF], 0xF4B942)
}
