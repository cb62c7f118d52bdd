// Butteraugli (libjxl 0.7, lib/jxl/butteraugli, BSD-3-Clause: its model and constants) as far as a descent needs it, with
// its gradient, compiled once for each level: luma alone, at full size, linear in the change, masked by the original.
// Its lines are what SSIMULACRA2 lacks: what holds together over a few samples is more visible than grain of the same
// magnitude. The whole model was measured to be a worse guide (docs/technotes/Cloak.md). No include guard on purpose.

/// The Gaussians, cut off at 2.25 σ: what the eye adapts to, low, middle and high frequencies, and the mask.
enum { ADAPTED, LOW, MIDDLE, HIGH, ACTIVE };

static const float absorbance[2][3] = {
    {0.29956550340058319f, 0.63373087833825936f, 0.077705617820981968f},
    {0.22158691104574774f, 0.69391388044116142f, 0.0987313588422f},
};
#define ABSORBANCE_BIAS 1.7557483643287353f
/// Candela a square metre of white.
#define BRIGHTNESS 80.0f

#define ULTRA_GAIN 2.69313763794f
#define HIGH_GAIN 2.155f
/// Of a line's sum, in the finest band and in the one above it: √(½ weight) · scale / (2 · 3.75 + 1).
#define ULTRA_LINE 0.03482376f
#define HIGH_LINE 0.22016019f
/// Of the squares of the bands themselves. Lines of the middle band are nearly as long as its waves are wide, so that its
/// 16 sums of 5 samples are about that many times the sample.
#define HIGH_SQUARE (0.8f * 1.50815703118f)
#define MIDDLE_SQUARE (10.6195433239f + 0.8f * 400 * 0.09599486f)
#define LOW_SQUARE (0.844626970982f * 14.458268100570f * 14.458268100570f)

/// Half of a line through the sample; the other half mirrors it. Weight, number of steps, steps right and down.
typedef struct {
    int weight, count;
    signed char steps[4][2];
} line;

static const line fine_lines[12] = {
    {1, 4, {{1, 0}, {2, 0}, {3, 0}, {4, 0}}},    {1, 4, {{0, 1}, {0, 2}, {0, 3}, {0, 4}}},
    {1, 3, {{1, 1}, {2, 2}, {3, 3}}},            {1, 3, {{-1, 1}, {-2, 2}, {-3, 3}}},
    {2, 4, {{0, 1}, {-1, 2}, {-1, 3}, {-1, 4}}}, {2, 4, {{0, 1}, {1, 2}, {1, 3}, {1, 4}}},
    {2, 4, {{1, 0}, {2, 1}, {3, 1}, {4, 1}}},    {2, 4, {{1, 0}, {2, -1}, {3, -1}, {4, -1}}},
    {1, 3, {{1, 1}, {1, 2}, {2, 3}}},            {1, 3, {{-1, 1}, {-1, 2}, {-2, 3}}},
    {1, 3, {{1, 1}, {2, 1}, {3, 2}}},            {1, 3, {{-1, 1}, {-2, 1}, {-3, 2}}},
};
static const line coarse_lines[16] = {
    {1, 2, {{2, 0}, {4, 0}}},  {1, 2, {{0, 2}, {0, 4}}},   {1, 2, {{2, 2}, {3, 3}}},  {1, 2, {{-2, 2}, {-3, 3}}},
    {1, 2, {{-1, 2}, {-1, 4}}}, {1, 2, {{1, 2}, {1, 4}}},  {1, 2, {{2, 1}, {4, 1}}},  {1, 2, {{2, -1}, {4, -1}}},
    {1, 2, {{1, 2}, {2, 3}}},  {1, 2, {{-1, 2}, {-2, 3}}}, {1, 2, {{2, 1}, {3, 2}}},  {1, 2, {{-2, 1}, {-3, 2}}},
    {1, 2, {{-2, 1}, {-4, 2}}}, {1, 2, {{2, 1}, {4, 2}}},  {1, 2, {{1, 2}, {2, 4}}},  {1, 2, {{-1, 2}, {-2, 4}}},
};

INLINE void along_row(const float *weights, int radius, const float *in, float *out, int width) {
    for (int x = 0; x < width; x += 16) {
        vec sum = load_floats(in + x) * weights[0];
#pragma clang loop unroll(full)
        for (int d = 1; d <= radius; d++) sum += (load_floats(in + x - d) + load_floats(in + x + d)) * weights[d];
        store_floats(out + x, sum);
    }
}

INLINE void gaussian_rows(const fx_butteraugli *b, const fx_gaussian *g, int radius, const float *in, int transposed) {
    for (int y = 0; y < b->height; y++) {
        const float *from = in + (size_t)y * b->stride;
        if (transposed) {
            vec share = (vec){0} + g->down[y];
            for (int x = 0; x < b->width; x += 16)
                store_floats(b->row + x, load_floats(from + x) * load_floats(g->across + x) * share);
            from = b->row;
        }
        along_row(g->weights, radius, from, b->scratch + (size_t)y * b->stride, b->width);
    }
}

INLINE void gaussian_columns(const fx_butteraugli *b, const fx_gaussian *g, int radius, float *out, int transposed) {
    for (int y = 0; y < b->height; y++) {
        const float *middle = b->scratch + (size_t)y * b->stride;
        float *to = out + (size_t)y * b->stride;
        vec share = (vec){0} + (transposed ? 1 : g->down[y]);
        const int inside = y >= radius && y + radius < b->height;
        for (int x = 0; x < b->width; x += 16) {
            vec sum = load_floats(middle + x) * g->weights[0];
            if (inside) {
#pragma clang loop unroll(full)
                for (int d = 1; d <= radius; d++) {
                    const float *above = middle + x - (size_t)d * b->stride, *below = middle + x + (size_t)d * b->stride;
                    sum += (load_floats(above) + load_floats(below)) * g->weights[d];
                }
            } else {
                for (int d = 1; d <= radius; d++) {
                    if (y >= d) sum += load_floats(middle + x - (size_t)d * b->stride) * g->weights[d];
                    if (y + d < b->height) sum += load_floats(middle + x + (size_t)d * b->stride) * g->weights[d];
                }
            }
            if (!transposed) sum *= load_floats(g->across + x);
            store_floats(to + x, sum * share);
        }
    }
}

INLINE void gaussian_of(
    const fx_butteraugli *b, const fx_gaussian *g, int radius, const float *in, float *out, int transposed) {
    gaussian_rows(b, g, radius, in, transposed);
    gaussian_columns(b, g, radius, out, transposed);
}

/// A mean with the weights of a Gaussian over what lies inside the picture, or its transpose. Planes have zeros beyond their
/// rows' ends. `out` may be `in`.
static void gaussian(const fx_butteraugli *b, int which, const float *in, float *out, int transposed) {
    const fx_gaussian *g = &b->gaussians[which];
    switch (g->radius) {
    case 2: gaussian_of(b, g, 2, in, out, transposed); break;
    case 3: gaussian_of(b, g, 3, in, out, transposed); break;
    case 6: gaussian_of(b, g, 6, in, out, transposed); break;
    case 7: gaussian_of(b, g, 7, in, out, transposed); break;
    default: gaussian_of(b, g, 16, in, out, transposed); break;
    }
}

#define EACH(b, place) \
    for (int y_ = 0; y_ < (b)->height; y_++) \
        for (size_t place = (size_t)y_ * (b)->stride, end_ = place + (size_t)(b)->width; place < end_; place += 16)

/// Linear light of a channel, in BRIGHTNESS.
INLINE vec light_at(const fx_butteraugli *b, const float *rgb, int c, size_t place, int y, vec *slope) {
    size_t x = place - (size_t)y * b->stride;
    return to_linear(load_floats(rgb + ((size_t)c * (size_t)b->height + (size_t)y) * (size_t)b->width + x), slope);
}

/// What both kinds of cones absorb of a picture, less the original's.
static void cones(const fx_butteraugli *b, const float *rgb, float *const out[2]) {
    EACH(b, place) {
        vec light[3];
        for (int c = 0; c < 3; c++) light[c] = light_at(b, rgb, c, place, y_, NULL);
        for (int i = 0; i < 2; i++) {
            vec sum = light[0] * absorbance[i][0] + light[1] * absorbance[i][1] + light[2] * absorbance[i][2];
            store_floats(out[i] + place, sum * BRIGHTNESS - load_floats(b->original[i] + place));
        }
    }
}

/// The middle and the two high bands of a plane of opponent signals, which becomes the low band.
static void bands(const fx_butteraugli *b, float *low, float *middle, float *high, float *ultra) {
    EACH(b, place) store_floats(ultra + place, load_floats(low + place));
    gaussian(b, LOW, low, low, 0);
    EACH(b, place) store_floats(ultra + place, load_floats(ultra + place) - load_floats(low + place));
    gaussian(b, MIDDLE, ultra, middle, 0);
    EACH(b, place) store_floats(ultra + place, load_floats(ultra + place) - load_floats(middle + place));
    gaussian(b, HIGH, ultra, high, 0);
    EACH(b, place) store_floats(ultra + place, load_floats(ultra + place) - load_floats(high + place));
}

INLINE float response(float v) { return 19.245013259874995f * logf(v + 9.9710635769299145f) - 23.16046239805755f; }
INLINE float apart_from_zero(float v, float w) { return v > w ? v - w : v < -w ? v + w : 0; }
INLINE float away_from_zero(float v, float w) { return v > w ? v + w : v < -w ? v - w : 2 * v; }
INLINE float softly_cut(float v, float limit) {
    return v >= limit ? (v - limit) * 0.724216145665f + limit : v < -limit ? (v + limit) * 0.724216145665f - limit : v;
}

/// How much there is to hide behind: high frequencies, their opponent signals red and green counting many times.
static void activity(const fx_butteraugli *b, float *const x_bands[4], float *const y_bands[4], float *out) {
    bands(b, x_bands[0], x_bands[1], x_bands[2], x_bands[3]);
    bands(b, y_bands[0], y_bands[1], y_bands[2], y_bands[3]);
    // Red against green counts less beside luma; the split between its two bands is made after that.
    EACH(b, place) for (size_t i = place; i < place + 16; i++) {
        float luma = y_bands[2][i] + y_bands[3][i];
        float share = 0.653020556257f + 46 * (1 - 0.653020556257f) / (luma * luma + 46);
        x_bands[3][i] = (x_bands[2][i] + x_bands[3][i]) * share;
    }
    gaussian(b, HIGH, x_bands[3], x_bands[2], 0);
    EACH(b, place) for (size_t i = place; i < place + 16; i++) {
        float high_x = x_bands[2][i], ultra_x = x_bands[3][i] - high_x;
        float both = y_bands[2][i] + y_bands[3][i], high_y = softly_cut(y_bands[2][i], 28.4691806922f);
        float ultra_y = softly_cut(both - high_y, 5.19175294647f) * ULTRA_GAIN;
        float x = (apart_from_zero(ultra_x, 0.04f) + apart_from_zero(high_x, 1.5f)) * 8.75000241361f;
        float y = ultra_y * 0.620978104816f + away_from_zero(high_y * HIGH_GAIN, 0.132f) * 0.307585098253f;
        const float scale = 6.19424080439f, bias = scale * 12.61050594197f;
        out[i] = sqrtf(scale * sqrtf(x * x + y * y) + bias) - sqrtf(bias);
    }
    gaussian(b, ACTIVE, out, out, 0);
}

/// A smooth place nearby leaves nothing to hide behind: the three smallest of the values three samples away.
static void masks(const fx_butteraugli *b, const float *active) {
    for (int y = 0; y < b->height; y++)
        for (int x = 0; x < b->width; x++) {
            float own = active[(size_t)y * b->stride + (size_t)x], least[3] = {own, 2 * own, 2 * own};
            for (int dy = -3; dy <= 3; dy += 3)
                for (int dx = -3; dx <= 3; dx += 3) {
                    if ((!dx && !dy) || x + dx < 0 || x + dx >= b->width || y + dy < 0 || y + dy >= b->height) continue;
                    float v = active[(size_t)(y + dy) * b->stride + (size_t)(x + dx)];
                    for (int i = 0; i < 3; i++)
                        if (v < least[i]) {
                            float other = least[i];
                            least[i] = v;
                            v = other;
                        }
                }
            float v = 0.45f * least[0] + 0.3f * least[1] + 0.25f * least[2];
            const float scale = 1 / (17.1984479671f * 0.79079917404f);
            float fine = scale * (1 + 2.5485944793f / (0.451936922203f * v + 0.829591754942f));
            float low = scale * (1 + 0.505054525019f / (3.87449418804f * v + 0.20025578522f));
            b->mask[(size_t)y * b->stride + (size_t)x] = fine * fine;
            b->low_mask[(size_t)y * b->stride + (size_t)x] = low * low;
        }
}

static void butteraugli_reference(fx_butteraugli *b, const float *rgb) {
    float *const *w = b->work;
    cones(b, rgb, b->original);
    for (int i = 0; i < 2; i++) gaussian(b, ADAPTED, b->original[i], w[i], 0);
    EACH(b, place) for (size_t p = place; p < place + 16; p++) {
        float signals[2];
        for (int i = 0; i < 2; i++) {
            float around = fmaxf(w[i][p] + ABSORBANCE_BIAS, ABSORBANCE_BIAS), here = b->original[i][p] + ABSORBANCE_BIAS;
            float answer = response(around);
            b->gain[i][p] = answer / around;
            // How the gain follows what lies around.
            b->adaptation[i][p] = here * (19.245013259874995f / (around + 9.9710635769299145f) - answer / around) / around;
            signals[i] = fmaxf(here * b->gain[i][p], ABSORBANCE_BIAS);
        }
        w[2][p] = signals[0] - signals[1];
        w[6][p] = signals[0] + signals[1];
    }
    float *const x_bands[4] = {w[2], w[3], w[4], w[5]}, *const y_bands[4] = {w[6], w[7], w[8], w[9]};
    activity(b, x_bands, y_bands, w[0]);
    masks(b, w[0]);
}

INLINE vec line_sum(const float *at, const ptrdiff_t *steps, int count) {
    vec sum = load_floats(at);
#pragma clang loop unroll(full)
    for (int k = 0; k < count; k++) sum += load_floats(at + steps[k]) + load_floats(at - steps[k]);
    return sum;
}

INLINE void steps_of(const fx_butteraugli *b, const line *l, ptrdiff_t *steps) {
    for (int k = 0; k < l->count; k++) steps[k] = l->steps[k][1] * (ptrdiff_t)b->stride + l->steps[k][0];
}

INLINE void add_squares(const float *from, const ptrdiff_t *steps, int count, float weight, float *to, int width) {
    for (int x = 0; x < width; x += 16) {
        vec sum = line_sum(from + x, steps, count);
        store_floats(to + x, load_floats(to + x) + sum * sum * weight);
    }
}

/// to += weight · Σ over lines of the squared sums along each; rows stay in the cache over all lines.
static void add_lines(const fx_butteraugli *b, const line *lines, int number, const float *band, float weight, float *to) {
    for (int y = 0; y < b->height; y++)
        for (int n = 0; n < number; n++) {
            ptrdiff_t steps[4];
            size_t row = (size_t)y * b->stride;
            steps_of(b, &lines[n], steps);
            float w = weight * (float)lines[n].weight;
            switch (lines[n].count) {
            case 2: add_squares(band + row, steps, 2, w, to + row, b->width); break;
            case 3: add_squares(band + row, steps, 3, w, to + row, b->width); break;
            default: add_squares(band + row, steps, 4, w, to + row, b->width); break;
            }
        }
}

INLINE void weigh_sums(
    const float *band, const float *by, const ptrdiff_t *steps, int count, float weight, float *out, int width) {
    for (int x = 0; x < width; x += 16)
        store_floats(out + x, line_sum(band + x, steps, count) * load_floats(by + x) * weight);
}

INLINE void add_sums(const float *from, const ptrdiff_t *steps, int count, float *to, int width) {
    for (int x = 0; x < width; x += 16)
        store_floats(to + x, load_floats(to + x) + line_sum(from + x, steps, count));
}

/// The gradient of `add_lines` by the band, `by` being that by its result, added to `to`. Strips of rows, so that what each
/// line weighs stays in the cache.
static void add_lines_gradient(
    const fx_butteraugli *b, const line *lines, int number, const float *band, const float *by, float weight, float *to) {
    enum { STRIP = 32, REACH = 4 };
    for (int top = 0; top < b->height; top += STRIP) {
        int bottom = top + STRIP < b->height ? top + STRIP : b->height;
        for (int n = 0; n < number; n++) {
            ptrdiff_t steps[4];
            steps_of(b, &lines[n], steps);
            float w = 2 * weight * (float)lines[n].weight;
            // `scratch` has rows of zeros around the picture; what an earlier strip left beyond this one's reach is not read.
            for (int y = top - REACH < 0 ? 0 : top - REACH; y < bottom + REACH && y < b->height; y++) {
                size_t row = (size_t)y * b->stride;
                switch (lines[n].count) {
                case 2: weigh_sums(band + row, by + row, steps, 2, w, b->scratch + row, b->width); break;
                case 3: weigh_sums(band + row, by + row, steps, 3, w, b->scratch + row, b->width); break;
                default: weigh_sums(band + row, by + row, steps, 4, w, b->scratch + row, b->width); break;
                }
            }
            for (int y = top; y < bottom; y++) {
                size_t row = (size_t)y * b->stride;
                switch (lines[n].count) {
                case 2: add_sums(b->scratch + row, steps, 2, to + row, b->width); break;
                case 3: add_sums(b->scratch + row, steps, 3, to + row, b->width); break;
                default: add_sums(b->scratch + row, steps, 4, to + row, b->width); break;
                }
            }
        }
    }
}

/// The mean of the 3-, 6- and 12-norm of √squares, and their derivatives by `squares` in its place.
static double norm_of(const fx_butteraugli *b, float *squares_, int derives) {
    double sums[3] = {0, 0, 0}, count = (double)b->width * b->height;
    for (int y = 0; y < b->height; y++) {
        vec rows[3] = {{0}, {0}, {0}};
        for (int x = 0; x < b->width; x += 16) {
            vec square = load_floats(squares_ + (size_t)y * b->stride + x), cube = square * root(square);
            rows[0] += cube;
            rows[1] += cube * cube;
            rows[2] += cube * cube * cube * cube;
        }
        for (int i = 0; i < 3; i++) sums[i] += lanes_sum(rows[i]);
    }
    double norms[3], total = 0;
    float factors[3];
    for (int i = 0; i < 3; i++) {
        int p = 3 << i;
        norms[i] = pow(sums[i] / count, 1.0 / p);
        total += norms[i] / 3;
        factors[i] = norms[i] > 1e-12 ? (float)(pow(norms[i], 1 - p) / (6 * count)) : 0;
    }
    if (derives) EACH(b, place) {
        vec square = load_floats(squares_ + place), fourth = square * square;
        store_floats(
            squares_ + place, root(square) * factors[0] + fourth * (factors[1] + square * fourth * factors[2]));
    }
    return total;
}

static double butteraugli(fx_butteraugli *b, const float *rgb, float *gradient) {
    float *const *w = b->work;
    float *low = w[2], *middle = w[3], *high = w[4], *ultra = w[5], *by = w[6];
    cones(b, rgb, (float *const[2]){w[0], w[1]});
    for (int i = 0; i < 2; i++) gaussian(b, ADAPTED, w[i], w[2 + i], 0);
    EACH(b, place) {
        vec sum = {0};
        for (int i = 0; i < 2; i++)
            sum += load_floats(w[i] + place) * load_floats(b->gain[i] + place)
                + load_floats(w[2 + i] + place) * load_floats(b->adaptation[i] + place);
        store_floats(low + place, sum);
    }
    bands(b, low, middle, high, ultra);
    EACH(b, place) {
        vec h = load_floats(high + place) * HIGH_GAIN, m = load_floats(middle + place);
        store_floats(high + place, h);
        store_floats(ultra + place, load_floats(ultra + place) * ULTRA_GAIN);
        store_floats(by + place, h * h * HIGH_SQUARE + m * m * MIDDLE_SQUARE);
    }
    add_lines(b, fine_lines, 12, ultra, ULTRA_LINE * ULTRA_LINE, by);
    add_lines(b, coarse_lines, 16, high, HIGH_LINE * HIGH_LINE, by);
    EACH(b, place) {
        vec l = load_floats(low + place);
        store_floats(
            by + place, load_floats(by + place) * load_floats(b->mask + place)
                + l * l * load_floats(b->low_mask + place) * LOW_SQUARE);
    }
    double norm = norm_of(b, by, gradient != NULL);
    if (!gradient) return norm;

    // Back through the bands: each plane becomes the gradient by itself.
    float *by_ultra = w[7], *by_high = w[8];
    EACH(b, place) {
        vec u = load_floats(by + place) * 2;
        store_floats(low + place, load_floats(low + place) * u * load_floats(b->low_mask + place) * LOW_SQUARE);
        u *= load_floats(b->mask + place);
        store_floats(middle + place, load_floats(middle + place) * u * MIDDLE_SQUARE);
        store_floats(by_high + place, load_floats(high + place) * u * HIGH_SQUARE);
        store_floats(by_ultra + place, (vec){0});
        store_floats(by + place, u * 0.5f);
    }
    add_lines_gradient(b, fine_lines, 12, ultra, by, ULTRA_LINE * ULTRA_LINE, by_ultra);
    add_lines_gradient(b, coarse_lines, 16, high, by, HIGH_LINE * HIGH_LINE, by_high);
    EACH(b, place) {
        vec u = load_floats(by_ultra + place) * ULTRA_GAIN;
        store_floats(by_ultra + place, u);
        store_floats(by_high + place, load_floats(by_high + place) * HIGH_GAIN - u);
    }
    gaussian(b, HIGH, by_high, high, 1);
    EACH(b, place) {
        vec above = load_floats(by_ultra + place) + load_floats(high + place);
        store_floats(by_ultra + place, above);
        store_floats(middle + place, load_floats(middle + place) - above);
    }
    gaussian(b, MIDDLE, middle, middle, 1);
    EACH(b, place) {
        vec above = load_floats(by_ultra + place) + load_floats(middle + place);
        store_floats(by_ultra + place, above);
        store_floats(low + place, load_floats(low + place) - above);
    }
    gaussian(b, LOW, low, low, 1);
    EACH(b, place) {
        vec v = load_floats(by_ultra + place) + load_floats(low + place);
        for (int i = 0; i < 2; i++) {
            store_floats(w[i] + place, v * load_floats(b->gain[i] + place));
            store_floats(w[3 + i] + place, v * load_floats(b->adaptation[i] + place));
        }
    }
    for (int i = 0; i < 2; i++) gaussian(b, ADAPTED, w[3 + i], w[3 + i], 1);
    EACH(b, place) {
        vec by_cone[2];
        for (int i = 0; i < 2; i++) by_cone[i] = load_floats(w[i] + place) + load_floats(w[3 + i] + place);
        for (int c = 0; c < 3; c++) {
            vec slope;
            light_at(b, rgb, c, place, y_, &slope);
            size_t target = ((size_t)c * (size_t)b->height + (size_t)y_) * (size_t)b->width + place - (size_t)y_ * b->stride;
            store_floats(
                gradient + target,
                (by_cone[0] * absorbance[0][c] + by_cone[1] * absorbance[1][c]) * slope * BRIGHTNESS);
        }
    }
    return norm;
}
#undef EACH
