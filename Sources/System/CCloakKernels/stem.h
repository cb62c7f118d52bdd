// Convolutions of a picture: 3×3 over its planes. In blocks of sixteen channels its three would leave most of the memory
// and of the lanes idle, so the nine samples of each plane that make one of the result are gathered, a part of a row at a
// time, and go through the loop for 1×1. Included after layers.h, compiled once for each level. No include guard on
// purpose.

/// Samples of a row that are worked on together: they stay in the first-level cache, and most runs divide them.
enum { STEM_PART = 48, STEM_LINES = 9, STEM_LANES = 2 * 16 };

typedef struct {
    /// Two blocks of one row, with the border that tensors have.
    _Alignas(64) elem samples[2 * 3 * (STEM_PART + 2) * 16];
    /// Three rows of each plane, from a sample before the first to one after the last, and one to read too far.
    float lines[STEM_LINES][2 * STEM_PART + 3];
} stem_room;

/// Where the samples of a line of taps lie in the blocks.
INLINE int stem_lane(int line) { return fx_stem_lane(line, 0); }

INLINE float number(const elem *p) {
#if HALF
    uint32_t bits = (uint32_t)*p << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
#else
    return *p;
#endif
}

/// Zero where a line lies outside of the picture, else mul · v + add.
static void gather_lines(
    const fx_stem *s, const float *planes, int height, int width, int y, int first, int count, stem_room *room) {
    const int span = count * s->stride + 3 - s->stride, start = first * s->stride - 1;
    const int from = start < 0 ? -start : 0, to = start + span > width ? width - start : span;
    for (int line = 0; line < STEM_LINES; line++) {
        float *target = room->lines[line];
        const int row = y * s->stride + line % 3 - 1;
        memset(target, 0, (size_t)(span + 1) * sizeof(float));
        if (row < 0 || row >= height) continue;
        const float *source = planes + ((size_t)(line / 3) * (size_t)height + (size_t)row) * (size_t)width + start;
        for (int i = from; i < to; i++) target[i] = source[i] * s->mul + s->add;
    }
}

static void stem_forward(
    const fx_stem *s, const float *planes, int height, int width, const fx_tensor *out, float slope,
    uint16_t *signs) {
    stem_room room;
    for (int y = 0; y < out->height; y++)
        for (int first = 0; first < out->width; first += STEM_PART) {
            const int count = out->width - first < STEM_PART ? out->width - first : STEM_PART;
            const fx_tensor part = {room.samples, s->taps->inputs, 1, count};
            elem *blocks[2] = {interior(&part, 0, 0), interior(&part, 1, 0)};
            gather_lines(s, planes, height, width, y, first, count, &room);
            for (int x = 0; x < count; x++) {
                float lanes[STEM_LANES] = {0};
                // Four at a time: the next line's first overwrites what is too much, or its weights are zero.
                for (int line = 0; line < STEM_LINES; line++)
                    memcpy(lanes + stem_lane(line), room.lines[line] + x * s->stride, 4 * sizeof(float));
                for (int block = 0; block < 2; block++) store(blocks[block] + x * 16, load_floats(lanes + block * 16));
            }
            const fx_pass pass = {
                .phase = &s->taps->forward, .bias = s->taps->bias, .rows = 1, .columns = count, .in_step = 1,
                .out_step = 1, .out_y = y, .out_x = first, .slope = slope, .inputs = s->taps->inputs,
                .outputs = s->taps->outputs, .signs = signs,
            };
            convolve(&pass, &part, out);
        }
}

static void stem_backward(const fx_stem *s, const fx_tensor *out, float *planes, int height, int width) {
    stem_room room;
    memset(planes, 0, 3 * (size_t)height * (size_t)width * sizeof(float));
    for (int y = 0; y < out->height; y++)
        for (int first = 0; first < out->width; first += STEM_PART) {
            const int count = out->width - first < STEM_PART ? out->width - first : STEM_PART;
            const fx_tensor part = {room.samples, s->taps->inputs, 1, count};
            fx_tensor source = *out;
            source.data = (elem *)out->data + (size_t)y * row_samples(out) + (size_t)first * 16;
            const fx_pass pass = {
                .phase = &s->taps->backward[0], .rows = 1, .columns = count, .in_step = 1, .out_step = 1, .slope = 1,
                .inputs = s->taps->outputs, .outputs = s->taps->inputs,
            };
            convolve(&pass, &source, &part);
            for (int line = 0; line < STEM_LINES; line++) {
                const int row = y * s->stride + line % 3 - 1, lane = stem_lane(line);
                if (row < 0 || row >= height) continue;
                float *target = planes + ((size_t)(line / 3) * (size_t)height + (size_t)row) * (size_t)width;
                for (int kx = 0; kx < 3; kx++) {
                    const elem *taps = interior(&part, (size_t)(lane / 16), 0) + lane % 16 + kx;
                    const int at = first * s->stride + kx - 1;
                    int x = at < 0 ? 1 : 0, end = count;
                    while (end > x && at + (end - 1) * s->stride >= width) end--;
                    for (; x < end; x++) target[at + x * s->stride] += number(taps + x * 16) * s->mul;
                }
            }
        }
}
