// Depthwise convolutions: each channel with a filter of its own. Included after layers.h, compiled once for each level.

typedef struct {
    const fx_tensor *from, *to;
    /// Of the target, each may be NULL: signs that decide where the slope goes in, and where to write them.
    const uint16_t *mask;
    uint16_t *signs;
    const float *weights, *bias;
    const fx_taps *down, *across;
    int kernel, in_step, out_step;
    float slope;
} depthwise_sweep;

/// The rows of the source that reach one row of the target, and where the weights of each begin.
typedef struct {
    int count;
    const elem *rows[FX_DEPTHWISE_KERNEL];
    const float *weights[FX_DEPTHWISE_KERNEL];
} depthwise_rows;

/// `nx` samples of a row whose taps `first`…`last` across all lie inside the source; a constant after inlining, so that sums stay
/// in registers.
INLINE void depthwise_run(
    const depthwise_sweep *s, const depthwise_rows *rows, vec bias, int first, int last, int column, elem *to,
    size_t sample, const int nx, const int in_step) {
    vec sums[4];
#pragma clang loop unroll(full)
    for (int x = 0; x < nx; x++) sums[x] = bias;
    for (int row = 0; row < rows->count; row++) {
        // Three taps side by side: each sample of the source is read once.
        if (nx > 1 && in_step == 1 && first == 0 && last == 2 && s->across->at[2] - s->across->at[0] == 2) {
            const float *weights = rows->weights[row];
            const vec three[3] = {
                load_floats(weights + s->across->index[0] * 16), load_floats(weights + s->across->index[1] * 16),
                load_floats(weights + s->across->index[2] * 16),
            };
            const elem *source = rows->rows[row] + (ptrdiff_t)(column + s->across->at[0]) * 16;
#pragma clang loop unroll(full)
            for (int x = 0; x < nx + 2; x++) {
                const vec value = load(source + x * 16);
#pragma clang loop unroll(full)
                for (int tap = 0; tap < 3; tap++)
                    if (x - tap >= 0 && x - tap < nx) sums[x - tap] += three[tap] * value;
            }
            continue;
        }
        for (int tap = first; tap <= last; tap++) {
            const vec weight = load_floats(rows->weights[row] + s->across->index[tap] * 16);
            const elem *source = rows->rows[row] + (ptrdiff_t)(column * in_step + s->across->at[tap]) * 16;
#pragma clang loop unroll(full)
            for (int x = 0; x < nx; x++) sums[x] += weight * load(source + x * in_step * 16);
        }
    }
#pragma clang loop unroll(full)
    for (int x = 0; x < nx; x++) {
        const size_t place = (size_t)((column + x) * s->out_step);
        if (s->mask) {
            store(to + place * 16, sloped(s->mask[sample + place], sums[x], s->slope));
        } else {
            if (s->signs) s->signs[sample + place] = signs_of(sums[x]);
            store(to + place * 16, activated(sums[x], s->slope));
        }
    }
}

INLINE void depthwise_line(
    const depthwise_sweep *s, const depthwise_rows *rows, vec bias, int columns, elem *to, size_t sample,
    const int in_step) {
    const fx_taps *across = s->across;
    const int width = s->from->width;
    // Taps are in the order of the places that they read.
    const int least = across->at[0], most = across->at[across->count - 1];
    int column = 0;
    while (column < columns) {
        const int begin = column * in_step + least, end = (column + 3) * in_step + most;
        if (begin >= 0 && end < width && column + 4 <= columns) {
            depthwise_run(s, rows, bias, 0, across->count - 1, column, to, sample, 4, in_step);
            column += 4;
            continue;
        }
        int first = 0, last = across->count - 1;
        while (first <= last && column * in_step + across->at[first] < 0) first++;
        while (last >= first && column * in_step + across->at[last] >= width) last--;
        depthwise_run(s, rows, bias, first, last, column, to, sample, 1, in_step);
        column++;
    }
}

/// A row of the target; `sample` is where the signs of the first are.
static void depthwise_row(
    const depthwise_sweep *s, const depthwise_rows *rows, vec bias, int columns, elem *to, size_t sample) {
    if (s->in_step == 1) {
        depthwise_line(s, rows, bias, columns, to, sample, 1);
    } else {
        depthwise_line(s, rows, bias, columns, to, sample, 2);
    }
}

/// One phase: every `out_step`-th sample along each axis, from that on which the taps are for.
static void depthwise(const depthwise_sweep *s, int out_y, int out_x) {
    const int rows = (s->to->height - out_y + s->out_step - 1) / s->out_step;
    const int columns = (s->to->width - out_x + s->out_step - 1) / s->out_step;
    for (size_t block = 0; block < count_blocks(s->to->channels); block++) {
        const vec bias = s->bias ? load_floats(s->bias + block * 16) : (vec){0};
        const float *weights = s->weights + block * (size_t)(s->kernel * s->kernel) * 16;
        for (int row = 0; row < rows; row++) {
            depthwise_rows sources = {0};
            for (int tap = 0; tap < s->down->count; tap++) {
                const int y = row * s->in_step + s->down->at[tap];
                if (y < 0 || y >= s->from->height) continue;
                sources.rows[sources.count] = interior(s->from, block, y);
                sources.weights[sources.count++] = weights + s->down->index[tap] * s->kernel * 16;
            }
            const int y = row * s->out_step + out_y;
            depthwise_row(
                s, &sources, bias, columns, interior(s->to, block, y) + out_x * 16,
                interior_sample(s->to, block, y) + (size_t)out_x);
        }
    }
}

static void depthwise_forward(
    const fx_depthwise *conv, const fx_tensor *in, const fx_tensor *out, float slope, uint16_t *signs) {
    const depthwise_sweep sweep = {
        .from = in, .to = out, .signs = signs, .weights = conv->weights, .bias = conv->bias, .down = &conv->forward,
        .across = &conv->forward, .kernel = conv->kernel, .in_step = conv->stride, .out_step = 1, .slope = slope,
    };
    depthwise(&sweep, 0, 0);
}

static void depthwise_backward(
    const fx_depthwise *conv, const fx_tensor *out, const fx_tensor *in, const uint16_t *mask, float slope) {
    for (int y = 0; y < conv->stride; y++)
        for (int x = 0; x < conv->stride; x++) {
            const depthwise_sweep sweep = {
                .from = out, .to = in, .mask = mask, .weights = conv->weights, .down = &conv->backward[y],
                .across = &conv->backward[x], .kernel = conv->kernel, .in_step = 1, .out_step = conv->stride,
                .slope = mask ? slope : 1,
            };
            depthwise(&sweep, y, x);
        }
}
