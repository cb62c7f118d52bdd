// A plane in another size, and the way back for gradients, compiled once for each level. Each sample is a weighted mean along
// one axis and then the other; the way back is the same loop with the transposed weights. No include guard on purpose.

/// What each row of the result is of the rows of the source; written transposed, so that the other axis comes next.
///
/// - width: of the source, whose height is that of the axis.
/// - room: sixteen rows of the source.
static void resample_axis(const fx_resample_axis *axis, const float *in, int width, float *out, float *room) {
    const size_t w = (size_t)width, count = (size_t)axis->count;
    // Counts are multiples of 16.
    for (size_t first = 0; first < count; first += 16) {
        for (size_t r = 0; r < 16; r++) {
            const float *weights = axis->weights + (first + r) * (size_t)axis->taps;
            const float *rows = in + (size_t)axis->first[first + r] * w;
            float *row = room + r * w;
            for (size_t x = 0; x < w; x++) row[x] = rows[x] * weights[0];
            for (int t = 1; t < axis->taps; t++) {
                const float weight = weights[t];
                if (weight == 0) continue;
                const float *next = rows + (size_t)t * w;
                for (size_t x = 0; x < w; x++) row[x] += next[x] * weight;
            }
        }
        for (size_t x = 0; x < w; x++) {
            float *place = out + x * count + first;
            for (size_t r = 0; r < 16; r++) place[r] = room[r * w + x];
        }
    }
}

/// Three planes each.
static void resample_planes(
    const fx_resample_axis *down, const fx_resample_axis *across, const float *in, int in_width, int in_height, float *out,
    float *room) {
    const size_t from = (size_t)in_width * (size_t)in_height, to = (size_t)down->count * (size_t)across->count;
    float *rows = room + (size_t)in_width * (size_t)down->count;
    for (size_t c = 0; c < 3; c++) {
        resample_axis(down, in + c * from, in_width, room, rows);
        resample_axis(across, room, down->count, out + c * to, rows);
    }
}

static void resample_forward(const fx_resample *r, const float *in, float *out, float *room) {
    resample_planes(&r->down, &r->across, in, r->width, r->height, out, room);
}

static void resample_backward(const fx_resample *r, const float *gradient, float *out, float *room) {
    resample_planes(&r->down_back, &r->across_back, gradient, r->across.count, r->down.count, out, room);
}
