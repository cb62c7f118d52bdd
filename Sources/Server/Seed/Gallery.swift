import Imaging

/// The pictures that a seeded community shows: every drawer, in its palettes.
struct Gallery: Sendable {
    typealias Drawer = @Sendable (inout Random, Int, Int, Palette) -> Canvas

    /// One kind of picture, and the words that its posts are made of.
    struct Kind: Sendable {
        var name: String
        var draw: Drawer
        var palettes: [Palette]
    }

    static let kinds: [Kind] = [
        Kind(name: "hills", draw: Landscapes.hills, palettes: [.dusk, .sea, .iris, .meadow]),
        Kind(name: "flowers", draw: Brushwork.flowers, palettes: [.orchard, .iris, .candy, .meadow]),
        Kind(name: "city", draw: Places.city, palettes: [.iris, .clay, .sea, .dusk, .candy]),
        Kind(name: "field", draw: Flows.field, palettes: [.ember, .sea, .orchard, .aurora]),
        Kind(name: "bamboo", draw: Brushwork.bamboo, palettes: [.ink]),
        Kind(name: "night", draw: Landscapes.night, palettes: [.aurora, .ember, .aurora, .aurora]),
        Kind(name: "glass", draw: Mosaics.glass, palettes: [.orchard, .sea, .iris, .ember, .candy]),
        Kind(name: "tree", draw: Botanics.tree, palettes: [.candy, .dusk, .orchard, .meadow]),
        Kind(name: "waves", draw: Landscapes.waves, palettes: [.sea, .dusk, .iris]),
        Kind(name: "circles", draw: Mosaics.circles, palettes: [.orchard, .candy, .clay, .sea, .ember]),
        Kind(name: "herbarium", draw: Botanics.herbarium, palettes: [.meadow, .clay, .orchard]),
        Kind(name: "weave", draw: Mosaics.weave, palettes: [.clay, .sea, .orchard, .iris]),
        Kind(name: "moire", draw: Flows.moire, palettes: [.ink, .candy, .sea, .clay]),
        Kind(name: "sprites", draw: Places.sprites, palettes: [.candy, .orchard, .sea]),
        Kind(name: "marble", draw: Flows.marble, palettes: [.sea, .ember, .clay, .iris]),
    ]

    /// Formats of paper: width and height.
    private static let sizes = [(1200, 900), (960, 1280), (1080, 1080), (1440, 900), (900, 1200), (1280, 960)]

    /// Draws one picture; the same number gives the same picture. Pictures of a kind go through its palettes.
    static func picture(number: Int, seed: UInt64) -> Raster {
        let kind = kinds[number % kinds.count]
        var random = Random(seed &* 0x1000_0001 &+ UInt64(number) &* 0xD1B5_4A32_D192_ED03)
        let (width, height) = random.pick(sizes)
        let palette = kind.palettes[(number / kinds.count) % kind.palettes.count]
        return kind.draw(&random, width, height, palette).raster(&random)
    }
}
