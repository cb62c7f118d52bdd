// A plane in another size, and the way back for gradients, compiled once for each level. Each sample is a weighted mean along
// one axis and then the other; the way back is the same loop with the transposed weights. No include guard on purpose.

typedef float eight __attribute__((vector_size(32), aligned(4)));

/// Rows become columns.
INLINE void transpose_eight(eight v[8]) {
    eight pairs[8], fours[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 2) {
        pairs[i] = __builtin_shufflevector(v[i], v[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        pairs[i + 1] = __builtin_shufflevector(v[i], v[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 4)
#pragma clang loop unroll(full)
        for (int k = 0; k < 2; k++) {
            fours[i + 2 * k] = __builtin_shufflevector(pairs[i + k], pairs[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            fours[i + 2 * k + 1] = __builtin_shufflevector(pairs[i + k], pairs[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        v[i] = __builtin_shufflevector(fours[i], fours[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        v[i + 4] = __builtin_shufflevector(fours[i], fours[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

INLINE void weigh_rows(const float *from, size_t w, const float *weights, size_t taps, float *to) {
    for (size_t x = 0; x < w; x += 16) {
        vec sum = load_floats(from + x) * weights[0];
#pragma clang loop unroll(full)
        for (size_t t = 1; t < taps; t++) sum += load_floats(from + t * w + x) * weights[t];
        store_floats(to + x, sum);
    }
}

/// What each row of the result is of the rows of the source; written transposed, so that the other axis comes next.
///
/// - width: of the source, whose height is that of the axis. It and the result's count are multiples of 16.
/// - rows: room for sixteen rows of the source, each with 16 samples between it and the next, so that places above each other do
///   not meet in the cache.
static void resample_axis(const fx_resample_axis *axis, const float *in, int width, float *out, float *rows) {
    const size_t w = (size_t)width, count = (size_t)axis->count, taps = (size_t)axis->taps, stride = w + 16;
    for (size_t first = 0; first < count; first += 16) {
        for (size_t r = 0; r < 16; r++) {
            const float *weights = axis->weights + (first + r) * taps, *from = in + (size_t)axis->first[first + r] * w;
            switch (taps) {
            case 2: weigh_rows(from, w, weights, 2, rows + r * stride); break;
            case 3: weigh_rows(from, w, weights, 3, rows + r * stride); break;
            case 4: weigh_rows(from, w, weights, 4, rows + r * stride); break;
            default: weigh_rows(from, w, weights, taps, rows + r * stride); break;
            }
        }
        for (size_t x = 0; x < w; x += 8)
            for (size_t half = 0; half < 16; half += 8) {
                eight square[8];
#pragma clang loop unroll(full)
                for (size_t r = 0; r < 8; r++) square[r] = *(const eight *)(rows + (half + r) * stride + x);
                transpose_eight(square);
#pragma clang loop unroll(full)
                for (size_t r = 0; r < 8; r++) *(eight *)(out + (x + r) * count + first + half) = square[r];
            }
    }
}

/// Three planes each.
static void resample_planes(
    const fx_resample_axis *down, const fx_resample_axis *across, const float *in, int in_width, int in_height, float *out,
    float *room) {
    float *rows = room + (size_t)in_width * (size_t)down->count;
    const size_t from = (size_t)in_width * (size_t)in_height, to = (size_t)down->count * (size_t)across->count;
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
