/// What is written under a picture.
struct Words: Sendable {
    var title: String
    var caption: String
    var alt: String
    var tags: [String]
    var language: String

    init(_ title: String, _ caption: String, _ alt: String, _ tags: [String], _ language: String = "en") {
        self.title = title
        self.caption = caption
        self.alt = alt
        self.tags = tags
        self.language = language
    }

    /// The text of the post: title, caption, hashtags.
    var text: String {
        ([title, caption, tags.map { "#\($0)" }.joined(separator: " ")]).filter { !$0.isEmpty }
            .joined(separator: "\n\n")
    }
}

extension Words {
    /// For each kind of `Gallery`, in its order.
    static let byKind: [String: [Words]] = [
        "hills": [
            Words(
                "Six ranges before breakfast", "The fog did most of the work.",
                "Layers of hills fading into mist under a low sun, with pines in front.",
                ["landscape", "generative", "fog"]),
            Words("远山", "一层一层，淡到看不见。", "雾中层层叠叠的远山，近处有松树，低低的太阳。", ["山水", "风景"], "zh"),
            Words(
                "Evening, looking west", "Birds for scale.",
                "A pale sun above several ridges of hills, a few birds in the sky.", ["landscape", "dusk"]),
            Words("山の夕暮れ", "静かな色を選びました。", "夕方の山並み。手前に針葉樹の影。", ["風景", "夕焼け"], "ja"),
        ],
        "flowers": [
            Words("水彩练习：花", "颜料还没干的时候最好看。", "水彩画的几朵花，五瓣到七瓣，纸上有淡淡的色渍。", ["水彩", "花"], "zh"),
            Words(
                "Anemones, wet in wet", "Let the water decide where the edge is.",
                "Watercolour flowers with translucent petals on cream paper.", ["watercolor", "flowers"]),
            Words("春の花", "水彩の練習です。水が多すぎました。", "透明な花びらの水彩の花が数本。", ["水彩", "植物画"], "ja"),
            Words(
                "Sketchbook, page 41", "Three colours and a lot of water.",
                "Loose watercolour flowers on long thin stems with splashes of paint.", ["watercolor", "sketchbook"]),
        ],
        "city": [
            Words("城市的第一千扇窗", "有人还没睡。", "等距视角的城市，密集的楼房，有些窗户亮着灯。", ["城市", "插画"], "zh"),
            Words(
                "A town with too many roofs", "Every block is different; I counted.",
                "An isometric town of coloured blocks with streets and small gardens.",
                ["isometric", "city", "generative"]),
            Words(
                "Bairro", "Sem carros, por decisão do autor.", "Cidade isométrica com prédios coloridos e jardins.",
                ["isometric", "cidade"], "pt"),
            Words("街区", "树比去年多。", "从上方看的街区，高低不同的楼和绿地。", ["城市", "等距"], "zh"),
        ],
        "field": [
            Words(
                "Wind map of nowhere", "2,600 threads, one field.",
                "Thousands of thin flowing lines that bend around a centre like hair or water.",
                ["generative", "flowfield"]),
            Words("流れ", "線が水のように動く。", "流れる線の抽象画。", ["抽象", "generative"], "ja"),
            Words(
                "Undertow", "The line that turns back is my favourite.",
                "Flowing coloured strands around a whirl.", ["abstract", "flowfield"]),
            Words("风的形状", "看久了像头发，也像河。", "无数弯曲的细线组成的抽象画。", ["抽象", "生成艺术"], "zh"),
        ],
        "bamboo": [
            Words("竹", "一笔一节，不能改。", "水墨竹子，淡墨的月亮，右下角一方红印。", ["水墨", "竹"], "zh"),
            Words(
                "Bamboo, after rain", "Ink on paper; the seal says nothing in particular.",
                "Bamboo stalks and leaves in black ink before a pale moon, with a red seal.", ["ink", "sumie"]),
            Words("月と竹", "墨の濃淡だけで。", "月を背にした竹の水墨画。赤い落款。", ["水墨画", "竹"], "ja"),
            Words("墨竹第四", "风从左边来。", "浓淡不同的几竿墨竹。", ["水墨", "国画"], "zh"),
        ],
        "night": [
            Words(
                "Kiruna, 02:40", "Minus twenty. The lake was not frozen in the drawing.",
                "Aurora and stars over a black line of trees, mirrored in a lake.", ["night", "aurora", "sky"]),
            Words("おやすみ", "星を三千個描きました。", "星空と森の影、湖に映る光。", ["夜空", "星"], "ja"),
            Words(
                "The galaxy, drawn from memory", "I may have added some stars.",
                "A band of the galaxy above a dark forest and still water.", ["night", "stars"]),
            Words("极光", "没有见过，所以画得很认真。", "绿色和紫色的极光映在湖面上。", ["夜空", "极光"], "zh"),
        ],
        "glass": [
            Words(
                "Vitral n.º 7", "A luz vem de trás.", "Vitral com uma rosácea de vidros coloridos e chumbo preto.",
                ["vitral", "glass"], "pt"),
            Words(
                "Rose window", "Voronoi would have liked cathedrals.",
                "Stained glass cells around a small bright centre, with dark leading.", ["stainedglass", "voronoi"]),
            Words(
                "Janela da cozinha", "Quando o sol entra às quatro.", "Vidros coloridos irregulares em chumbo.",
                ["vitral", "cor"], "pt"),
            Words(
                "Glass study in one hour", "No two pieces share a colour exactly.",
                "A mosaic of coloured glass pieces with uneven light.", ["stainedglass", "colour"]),
        ],
        "tree": [
            Words("花吹雪", "風の強い日。", "満開の木から花びらが散る。", ["桜", "春"], "ja"),
            Words(
                "The old tree behind school", "It was smaller. I was smaller too.",
                "A tree full of blossom before a large pale sun, petals falling.", ["tree", "botanical"]),
            Words("一棵开花的树", "它站在每天必经的路旁。", "开满花的树，花瓣飘落，背后是圆圆的太阳。", ["树", "春天"], "zh"),
            Words(
                "Recursive spring", "Nine generations of branches.",
                "A branching tree with hundreds of small five-petalled flowers.", ["generative", "tree"]),
        ],
        "waves": [
            Words(
                "Mar de otoño", "Nueve filas de olas y un sol cansado.", "Olas con espuma bajo un sol bajo.",
                ["olas", "mar"], "es"),
            Words(
                "Nine rows of water", "After too many hours with Hokusai.",
                "Rows of stylised waves with white crests under a striped sun.", ["sea", "waves"]),
            Words(
                "Marejada", "El viento del norte otra vez.", "Filas de olas estilizadas y salpicaduras blancas.",
                ["mar", "olas"], "es"),
            Words("波", "手を動かしていたら波になった。", "白波の立つ海と低い太陽。", ["海", "波"], "ja"),
        ],
        "circles": [
            Words(
                "No two touch", "Nine thousand attempts, a few hundred circles.",
                "Circles of all sizes packed without touching, some with rings and petals.",
                ["circlepacking", "pattern"]),
            Words(
                "Festival", "Colour study for a wall that does not exist yet.",
                "Colourful circles and flower shapes on a light ground.", ["pattern", "colour"]),
            Words(
                "Kolam without a grid", "My grandmother would object to the freedom.",
                "Packed circles with concentric rings and petals.", ["kolam", "circles"]),
            Words("Bubbles", "", "Packed circles of many sizes.", ["circlepacking", "generative"]),
        ],
        "herbarium": [
            Words("植物標本 その一", "庭にあるものだけ。", "シダと実のついた茎が並ぶ植物画。", ["植物画", "植物"], "ja"),
            Words(
                "Plate IX", "Ferns, umbels, and one berry bush that would not stay still.",
                "A botanical plate of ferns, seed heads and berries in a row.", ["botanical", "herbarium"]),
            Words(
                "Things from the path", "Drawn in the order I found them.",
                "Pressed plants side by side: fern, leaves, berries.", ["botanical", "drawing"]),
            Words("草木图", "雨后采的。", "并排的植物：蕨、浆果、种子。", ["植物", "手绘"], "zh"),
        ],
        "weave": [
            Words(
                "Twill, for Adaeze", "The sett repeats after nineteen threads.",
                "A close view of woven bands of colour, over and under.", ["weaving", "textile", "pattern"]),
            Words(
                "Basket", "Close enough to touch.", "Woven strips with light on each thread.", ["weaving", "texture"]),
            Words(
                "Cloth study 12", "If you squint it is a tartan.", "Diagonal twill weave in several colours.",
                ["textile", "pattern"]),
            Words(
                "Market day", "The colours of the third stall from the left.", "Bands of woven colour.",
                ["weaving", "colour"]),
        ],
        "moire": [
            Words(
                "Do not scroll", "Three sets of rings. The rest is your eye.",
                "Overlapping rings that make a shimmering moiré pattern.", ["opart", "moire"]),
            Words(
                "Interferenza", "Tre centri, nessuna colpa.", "Cerchi sovrapposti che formano un motivo moiré.",
                ["opart", "moire"], "it"),
            Words(
                "Rings, slightly wrong", "The wobble is deliberate.", "Wavy concentric rings over each other.",
                ["opart", "geometry"]),
            Words(
                "Colazione op", "Con il secondo caffè si muove.", "Anelli ondulati sovrapposti a colori.",
                ["opart", "pattern"], "it"),
        ],
        "sprites": [
            Words("ドットの生き物たち", "名前はまだない。", "左右対称の小さなドット絵の生き物がたくさん並ぶ。", ["ドット絵", "pixelart"], "ja"),
            Words(
                "Fifty creatures, twelve pixels", "The one in the second row is shy.",
                "A sheet of small symmetric pixel creatures with eyes.", ["pixelart", "sprites"]),
            Words("今日のドット", "目を描くと生き物になる。", "ドット絵のキャラクター一覧。", ["ドット絵"], "ja"),
            Words(
                "Bestiary, low resolution", "", "Rows of pixel monsters in five colours.", ["pixelart", "generative"]),
        ],
        "marble": [
            Words(
                "Ebru no. 30", "Sixty drops, six combs.", "Marbled paper with drops drawn into curves by combs.",
                ["marbling", "ebru"]),
            Words(
                "Endpapers", "For a book about rivers.", "Swirled marbled paper in a few colours.",
                ["marbling", "paper"]),
            Words(
                "Accident in three colours", "I moved the comb the wrong way and kept it.",
                "Marbled ink with sharp combed points.", ["marbling", "abstract"]),
            Words("Ebru, evening", "", "Marbled paper in soft colours.", ["ebru", "pattern"]),
        ],
    ]
}
