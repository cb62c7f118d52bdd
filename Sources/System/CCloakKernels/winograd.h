// 3×3 convolutions of stride 1 by Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray 2015, arXiv:1509.09308),
// compiled once for each level in single precision. Tiles of 6×6 samples are transformed, each of the 36 positions
// becomes a convolution of 1×1 over tiles, and its sums are transformed back to 4×4 samples: 36 products where the
// direct way needs 144. No include guard on purpose.

enum { TILE = FX_WINOGRAD_TILE, POSITIONS = FX_WINOGRAD_POSITIONS, TILE_STEP = TILE - 2 };

#define ROOT 1.41421356237f

/// Bᵀ along one line for the points 0, ±√½, ±√2 and ∞, which round off less than the usual 0, ±1, ±2.
INLINE void transform_input_line(const part in[TILE], part out[TILE]) {
    const part near = in[4] - in[2] * 2, near_odd = in[3] - in[1] * 2;
    const part far = in[4] - in[2] * 0.5f, far_odd = in[3] - in[1] * 0.5f;
    out[0] = in[4] - in[2] * 2.5f + in[0];
    out[1] = near + near_odd * (ROOT / 2);
    out[2] = near - near_odd * (ROOT / 2);
    out[3] = far + far_odd * ROOT;
    out[4] = far - far_odd * ROOT;
    out[5] = in[5] - in[3] * 2.5f + in[1];
}

/// Aᵀ along one line.
INLINE void transform_output_line(const part in[TILE], part out[TILE_STEP]) {
    const part near = in[1] + in[2], near_odd = in[1] - in[2];
    const part far = in[3] + in[4], far_odd = in[3] - in[4];
    out[0] = in[0] + near + far;
    out[1] = near_odd * (ROOT / 2) + far_odd * ROOT;
    out[2] = near * 0.5f + far * 2;
    out[3] = near_odd * (ROOT / 4) + far_odd * (ROOT * 2) + in[5];
}

/// Tiles that are worked on together, row by row of the map from `first` on.
typedef struct {
    int first, count, across;
} tile_batch;

INLINE int tile_top(const tile_batch *b, int i) { return (b->first + i) / b->across * TILE_STEP; }
INLINE int tile_left(const tile_batch *b, int i) { return (b->first + i) % b->across * TILE_STEP; }

/// Transforms one tile of one block of channels; `row` floats are between its rows, `stride` between its positions.
static void transform_input(const float *in, size_t row, float *out, size_t stride) {
    for (int lane = 0; lane < 16; lane += PART_FLOATS) {
        part columns[TILE][TILE], line[TILE], transformed[TILE];
        for (int x = 0; x < TILE; x++) {
            for (int y = 0; y < TILE; y++) line[y] = load_part(in + (size_t)y * row + (size_t)(x * 16 + lane));
            transform_input_line(line, transformed);
            for (int y = 0; y < TILE; y++) columns[y][x] = transformed[y];
        }
        for (int y = 0; y < TILE; y++) {
            transform_input_line(columns[y], transformed);
            for (int x = 0; x < TILE; x++) store_part(out + (size_t)(y * TILE + x) * stride + lane, transformed[x]);
        }
    }
}

/// Transforms one block of channels of all tiles.
static void transform_inputs(const tile_batch *batch, const fx_tensor *in, size_t block, float *out) {
    const size_t row = row_samples(in), stride = (size_t)batch->count * 16;
    const float *map = (const float *)in->data + block * block_samples(in);
    float edge[TILE * TILE * 16];
    for (int i = 0; i < batch->count; i++) {
        const int top = tile_top(batch, i), left = tile_left(batch, i);
        const int height = in->height + 2 - top, width = in->width + 2 - left;
        const float *source = map + (size_t)top * row + (size_t)left * 16;
        if (height >= TILE && width >= TILE) {
            transform_input(source, row, out + i * 16, stride);
            continue;
        }
        // Beyond the border there is nothing to read.
        memset(edge, 0, sizeof edge);
        const size_t columns = (size_t)(width < TILE ? width : TILE);
        for (int y = 0; y < TILE && y < height; y++)
            memcpy(edge + y * TILE * 16, source + (size_t)y * row, columns * 16 * sizeof(float));
        transform_input(edge, TILE * 16, out + i * 16, stride);
    }
}

/// Makes the samples of one tile and one block of channels that lie inside of the map: `height` × `width` of them,
/// constants after inlining where that is the whole tile.
INLINE void transform_output(
    const float *in, size_t stride, const float *bias, const uint16_t *mask, uint16_t *signs, float slope, float *out,
    size_t row, int height, int width) {
    for (int lane = 0; lane < 16; lane += PART_FLOATS) {
        part columns[TILE_STEP][TILE], line[TILE], transformed[TILE_STEP];
        for (int x = 0; x < TILE; x++) {
            for (int y = 0; y < TILE; y++) line[y] = load_part(in + (size_t)(y * TILE + x) * stride + lane);
            transform_output_line(line, transformed);
            for (int y = 0; y < TILE_STEP; y++) columns[y][x] = transformed[y];
        }
        const part shift = bias ? load_part(bias + lane) : (part){0};
        for (int y = 0; y < height && y < TILE_STEP; y++) {
            transform_output_line(columns[y], transformed);
            for (int x = 0; x < width && x < TILE_STEP; x++) {
                const size_t place = (size_t)y * row + (size_t)(x * 16 + lane);
                const part v = transformed[x] + shift;
                if (mask) {
                    store_part(out + place, sloped_part(((const part_signs *)mask)[place / PART_FLOATS], v, slope));
                    continue;
                }
                if (signs) ((part_signs *)signs)[place / PART_FLOATS] = signs_of_part(v);
                store_part(out + place, choose_part(v > 0, v, v * slope));
            }
        }
    }
}

static void transform_outputs(
    const tile_batch *batch, const float *in, const fx_pass *pass, size_t block, const fx_tensor *out) {
    const size_t row = row_samples(out), stride = (size_t)batch->count * 16;
    const float *bias = pass->bias ? pass->bias + block * 16 : NULL;
    for (int i = 0; i < batch->count; i++) {
        const int top = tile_top(batch, i), left = tile_left(batch, i);
        const int height = out->height - top, width = out->width - left;
        const float *sums = in + (size_t)i * 16;
        const size_t sample = interior_sample(out, block, top) + (size_t)left;
        const uint16_t *mask = pass->mask ? pass->mask + sample : NULL;
        uint16_t *signs = pass->signs ? pass->signs + sample : NULL;
        float *target = interior(out, block, top) + (size_t)left * 16;
        if (height >= TILE_STEP && width >= TILE_STEP) {
            transform_output(sums, stride, bias, mask, signs, pass->slope, target, row, TILE_STEP, TILE_STEP);
        } else {
            transform_output(sums, stride, bias, mask, signs, pass->slope, target, row, height, width);
        }
    }
}

/// The sums of all positions for one or two blocks of output channels: for each a convolution of 1×1 over the tiles.
static void multiply_tiles(int tiles, const float *in, const fx_pass *pass, size_t block, int pair, float *out) {
    static const ptrdiff_t here[1] = {0};
    const size_t in_blocks = count_blocks(pass->inputs), stride = (size_t)tiles * 16;
    const row_choice choice = best_choice(tiles);
    run r = {
        .in_block = POSITIONS * stride, .in_blocks = (int)in_blocks,
        .last_steps = pass->inputs - ((int)in_blocks - 1) * 16, .taps = 1, .offsets = here,
        .weights_block = POSITIONS * in_blocks * 256, .out_block = POSITIONS * stride, .out_step = 1, .slope = 1,
    };
    r.weights = (const float *)(const void *)pass->winograd + block * r.weights_block;
    for (int position = 0; position < POSITIONS; position++, r.weights += in_blocks * 256)
        for (int x = 0; x < tiles;) {
            const run_choice *next = next_run(choice, tiles, &x);
            r.in = in + (size_t)position * stride + (size_t)x * 16;
            r.out = out + (size_t)position * stride + (size_t)x * 16;
            next->function[pair][0](&r);
            x += next->width;
        }
}

/// Tiles of a batch: as many as there is room for, in batches of about the same size that runs divide.
static int batch_size(int tiles, size_t blocks) {
    const int run_width = choices[0].width, room = (int)(FX_WINOGRAD_ROOM / (blocks * POSITIONS * 16));
    const int most = room > run_width ? room - room % run_width : room;
    const int batches = (tiles + most - 1) / most, even = (tiles + batches - 1) / batches;
    const int whole = (even + run_width - 1) / run_width * run_width;
    return whole < most ? whole : most;
}

static void convolve_winograd(const fx_pass *pass, const fx_tensor *in, const fx_tensor *out) {
    // Transformed inputs, then sums: 256 KiB on the stack, which is bounded, each thread's own and costs nothing.
    _Alignas(64) float room[FX_WINOGRAD_ROOM];
    const size_t in_blocks = count_blocks(pass->inputs), out_blocks = count_blocks(pass->outputs);
    tile_batch batch = {.across = (pass->columns + TILE_STEP - 1) / TILE_STEP};
    const int tiles = batch.across * ((pass->rows + TILE_STEP - 1) / TILE_STEP);
    const int most = batch_size(tiles, in_blocks + 1 + HAS_PAIRS);
    for (; batch.first < tiles; batch.first += batch.count) {
        batch.count = tiles - batch.first < most ? tiles - batch.first : most;
        const size_t block_floats = (size_t)batch.count * POSITIONS * 16;
        float *sums = room + in_blocks * block_floats;
        for (size_t block = 0; block < in_blocks; block++)
            transform_inputs(&batch, in, block, room + block * block_floats);
        for (size_t block = 0; block < out_blocks;) {
            const int pair = HAS_PAIRS && block + 1 < out_blocks;
            multiply_tiles(batch.count, room, pass, block, pair, sums);
            for (int b = 0; b <= pair; b++)
                transform_outputs(&batch, sums + (size_t)b * block_floats, pass, block + (size_t)b, out);
            block += pair ? 2 : 1;
        }
    }
}
