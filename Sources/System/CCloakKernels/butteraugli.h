// Butteraugli (libjxl 0.7, lib/jxl/butteraugli, BSD-3-Clause: its model and constants) as far as a descent needs it, with
// its gradient, compiled once for each level: luma alone, at full size, linear in the change, masked by the original.
// Its lines are what SSIMULACRA2 lacks: what holds together over a few samples is more visible than grain of the same
// magnitude. The whole model was measured to be a worse guide (docs/technotes/Cloak.md). No include guard on purpose.

/// The Gaussians, as `fx_gaussian_sigmas` has them: what the eye adapts to, low, middle and high frequencies, and the mask.
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

/// Down the columns of a row's means along the rows around it, `rows[radius]` its own; NULL beyond the picture.
INLINE vec down_column(const float *weights, int radius, const float *const *rows, int x, int whole) {
    vec sum = load_floats(rows[radius] + x) * weights[0];
    if (whole) {
#pragma clang loop unroll(full)
        for (int d = 1; d <= radius; d++)
            sum += (load_floats(rows[radius - d] + x) + load_floats(rows[radius + d] + x)) * weights[d];
    } else {
        for (int d = 1; d <= radius; d++) {
            if (rows[radius - d]) sum += load_floats(rows[radius - d] + x) * weights[d];
            if (rows[radius + d]) sum += load_floats(rows[radius + d] + x) * weights[d];
        }
    }
    return sum;
}

/// The planes that a sweep reads and writes.
typedef struct {
    const float *in, *rgb;
    float *gradient, *low, *middle, *high, *ultra, *by, *by_ultra, *cones[2], *adapted[2];
    int cone;
} sweep_planes;

/// Makes a row of what is read.
typedef void (*row_source)(const fx_butteraugli *, const sweep_planes *, int y);
/// Takes sixteen means of a row.
typedef void (*mean_sink)(const fx_butteraugli *, const sweep_planes *, int y, int x, vec mean);

INLINE size_t place_of(const fx_butteraugli *b, int y, int x) { return (size_t)y * b->stride + (size_t)x; }

/// Means of the plane `in` with the weights of a Gaussian over what lies inside the picture, or the transpose of that. What is read
/// and what is made of the means go along, row by row, so that it is still in the cache: `source` is asked for each row before it
/// is read, `sink` gets what is `radius` rows behind, and may write where nothing is read any more. Planes have zeros beyond
/// their rows' ends. Constants after inlining: all but `b` and `p`.
INLINE void gaussian_sweep(
    const fx_butteraugli *b, int which, int transposed, row_source source, mean_sink sink, const sweep_planes *p) {
    const fx_gaussian *g = &b->gaussians[which];
    const int radius = fx_gaussian_radii[which], ring = 2 * radius + 1;
    for (int ready = 0; ready < b->height + radius; ready++) {
        if (ready < b->height) {
            if (source) source(b, p, ready);
            const float *from = p->in + place_of(b, ready, 0);
            if (transposed) {
                const vec share = (vec){0} + g->down[ready];
                for (int x = 0; x < b->width; x += 16)
                    store_floats(b->row + x, load_floats(from + x) * load_floats(g->across + x) * share);
                from = b->row;
            }
            along_row(g->weights, radius, from, b->scratch + place_of(b, ready % ring, 0), b->width);
        }
        const int y = ready - radius;
        if (y < 0) continue;
        const float *rows[2 * FX_GAUSSIAN_REACH + 1];
        for (int d = -radius; d <= radius; d++)
            rows[radius + d] = y + d < 0 || y + d >= b->height ? NULL : b->scratch + place_of(b, (y + d) % ring, 0);
        const vec share = (vec){0} + (transposed ? 1 : g->down[y]);
        const int whole = rows[0] && rows[2 * radius];
        for (int x = 0; x < b->width; x += 16) {
            vec sum = down_column(g->weights, radius, rows, x, whole);
            if (!transposed) sum *= load_floats(g->across + x);
            sink(b, p, y, x, sum * share);
        }
    }
}

INLINE void keep_mean(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    store_floats(p->low + place_of(b, y, x), mean);
}

/// `out` may be `in`.
#define GAUSSIAN(b, which, from, to) \
    gaussian_sweep(b, which, 0, NULL, keep_mean, &(sweep_planes){.in = from, .low = to})

#define EACH(b, place) \
    for (int y_ = 0; y_ < (b)->height; y_++) \
        for (size_t place = (size_t)y_ * (b)->stride, end_ = place + (size_t)(b)->width; place < end_; place += 16)

/// Linear light of a channel, in BRIGHTNESS.
INLINE vec light_at(const fx_butteraugli *b, const float *rgb, int c, size_t place, int y, vec *slope) {
    size_t x = place - (size_t)y * b->stride;
    return to_linear(load_floats(rgb + ((size_t)c * (size_t)b->height + (size_t)y) * (size_t)b->width + x), slope);
}

/// What both kinds of cones absorb of a row of the picture, less the original's where that is there.
INLINE void cone_row(const fx_butteraugli *b, const float *rgb, int y, int relative, float *const out[2]) {
    for (int x = 0; x < b->width; x += 16) {
        const size_t place = place_of(b, y, x);
        vec light[3];
        for (int c = 0; c < 3; c++) light[c] = light_at(b, rgb, c, place, y, NULL);
        for (int i = 0; i < 2; i++) {
            vec sum = light[0] * absorbance[i][0] + light[1] * absorbance[i][1] + light[2] * absorbance[i][2];
            store_floats(out[i] + place, sum * BRIGHTNESS - (relative ? load_floats(b->original[i] + place) : (vec){0}));
        }
    }
}

/// Of a plane that is cut in two: the mean, and what remains.
INLINE void keep_low(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    store_floats(p->ultra + place, load_floats(p->low + place) - mean);
    store_floats(p->low + place, mean);
}

INLINE void keep_middle(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    store_floats(p->middle + place, mean);
    store_floats(p->ultra + place, load_floats(p->ultra + place) - mean);
}

INLINE void keep_high(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    store_floats(p->high + place, mean);
    store_floats(p->ultra + place, load_floats(p->ultra + place) - mean);
}

/// The middle and the two high bands of a plane of opponent signals, which becomes the low band; `keep` takes the highest two.
INLINE void bands(const fx_butteraugli *b, sweep_planes p, row_source source, mean_sink keep) {
    p.in = p.low;
    gaussian_sweep(b, LOW, 0, source, keep_low, &p);
    p.in = p.ultra;
    gaussian_sweep(b, MIDDLE, 0, NULL, keep_middle, &p);
    gaussian_sweep(b, HIGH, 0, NULL, keep, &p);
}

INLINE float response(float v) { return 19.245013259874995f * logf(v + 9.9710635769299145f) - 23.16046239805755f; }
INLINE float apart_from_zero(float v, float w) { return v > w ? v - w : v < -w ? v + w : 0; }
INLINE float away_from_zero(float v, float w) { return v > w ? v + w : v < -w ? v - w : 2 * v; }
INLINE float softly_cut(float v, float limit) {
    return v >= limit ? (v - limit) * 0.724216145665f + limit : v < -limit ? (v + limit) * 0.724216145665f - limit : v;
}

/// How much there is to hide behind: high frequencies, their opponent signals red and green counting many times.
static void activity(const fx_butteraugli *b, float *const x_bands[4], float *const y_bands[4], float *out) {
    for (int i = 0; i < 2; i++) {
        float *const *planes = i ? y_bands : x_bands;
        const sweep_planes p = {.low = planes[0], .middle = planes[1], .high = planes[2], .ultra = planes[3]};
        bands(b, p, NULL, keep_high);
    }
    // Red against green counts less beside luma; the split between its two bands is made after that.
    EACH(b, place) for (size_t i = place; i < place + 16; i++) {
        float luma = y_bands[2][i] + y_bands[3][i];
        float share = 0.653020556257f + 46 * (1 - 0.653020556257f) / (luma * luma + 46);
        x_bands[3][i] = (x_bands[2][i] + x_bands[3][i]) * share;
    }
    GAUSSIAN(b, HIGH, x_bands[3], x_bands[2]);
    EACH(b, place) for (size_t i = place; i < place + 16; i++) {
        float high_x = x_bands[2][i], ultra_x = x_bands[3][i] - high_x;
        float both = y_bands[2][i] + y_bands[3][i], high_y = softly_cut(y_bands[2][i], 28.4691806922f);
        float ultra_y = softly_cut(both - high_y, 5.19175294647f) * ULTRA_GAIN;
        float x = (apart_from_zero(ultra_x, 0.04f) + apart_from_zero(high_x, 1.5f)) * 8.75000241361f;
        float y = ultra_y * 0.620978104816f + away_from_zero(high_y * HIGH_GAIN, 0.132f) * 0.307585098253f;
        const float scale = 6.19424080439f, bias = scale * 12.61050594197f;
        out[i] = sqrtf(scale * sqrtf(x * x + y * y) + bias) - sqrtf(bias);
    }
    GAUSSIAN(b, ACTIVE, out, out);
}

INLINE vec smaller(vec a, vec b) { return choose(a < b, a, b); }

/// A smooth place nearby leaves nothing to hide behind: the three smallest of the values three samples away; beyond the picture there
/// are none.
static void masks(const fx_butteraugli *b, const float *active) {
    enum { AWAY = 3 };
    for (int y = 0; y < b->height; y++)
        for (int x = 0; x < b->width; x += 16) {
            const size_t place = place_of(b, y, x);
            const vec own = load_floats(active + place);
            vec least[3] = {own, 2 * own, 2 * own};
            for (int dy = -AWAY; dy <= AWAY; dy += AWAY)
                for (int dx = -AWAY; dx <= AWAY; dx += AWAY) {
                    if ((!dx && !dy) || y + dy < 0 || y + dy >= b->height) continue;
                    vec v = load_floats(active + (ptrdiff_t)place + dy * (ptrdiff_t)b->stride + dx);
                    // What lies beyond the row's ends is larger than all of these.
                    for (int i = 0; x + dx < 0 && i < -dx; i++) v[i] = INFINITY;
                    for (int i = b->width - x - dx; i < 16; i++) v[i] = INFINITY;
                    for (int i = 0; i < 3; i++) {
                        const vec below = smaller(v, least[i]);
                        v = larger(v, least[i]);
                        least[i] = below;
                    }
                }
            const vec v = least[0] * 0.45f + least[1] * 0.3f + least[2] * 0.25f;
            const float scale = 1 / (17.1984479671f * 0.79079917404f);
            const vec fine = scale * (1 + 2.5485944793f / (v * 0.451936922203f + 0.829591754942f));
            const vec low = scale * (1 + 0.505054525019f / (v * 3.87449418804f + 0.20025578522f));
            store_floats(b->mask + place, fine * fine);
            store_floats(b->low_mask + place, low * low);
        }
}

static void butteraugli_reference(fx_butteraugli *b, const float *rgb) {
    float *const *w = b->work;
    for (int y = 0; y < b->height; y++) cone_row(b, rgb, y, 0, b->original);
    for (int i = 0; i < 2; i++) GAUSSIAN(b, ADAPTED, b->original[i], w[i]);
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

/// Σ over lines of the squared sums along each, times its weight. `rows[4]` is the sample's own, the others lie around it.
INLINE vec add_lines(
    const line *lines, int number, const float *const *rows, int x, float weight, vec sum) {
#pragma clang loop unroll(full)
    for (int n = 0; n < number; n++) {
        vec along = load_floats(rows[4] + x);
#pragma clang loop unroll(full)
        for (int k = 0; k < lines[n].count; k++) {
            const int right = lines[n].steps[k][0], down = lines[n].steps[k][1];
            along += load_floats(rows[4 + down] + x + right) + load_floats(rows[4 - down] + x - right);
        }
        sum += along * along * (weight * (float)lines[n].weight);
    }
    return sum;
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

/// How many rows what a line weighs is kept of, and how far lines reach.
enum { STRIP = 32, REACH = FX_BUTTERAUGLI_ROWS };

/// The gradient of `add_lines` by the band, `by` being that by its result, added to `to`, for a strip of rows: what each line weighs
/// stays in the cache.
INLINE void add_lines_gradient(
    const fx_butteraugli *b, const line *lines, int number, const float *band, const float *by, float weight, int top,
    int bottom, float *to) {
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

/// What the eye answers to a change of the cones' signals, of which those around take their part.
INLINE void change_row(const fx_butteraugli *b, const sweep_planes *p, int y) {
    cone_row(b, p->rgb, y, 1, p->cones);
}

INLINE void answer(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    vec sum = p->cone ? load_floats(p->low + place) : (vec){0};
    sum += load_floats(p->cones[p->cone] + place) * load_floats(b->gain[p->cone] + place)
        + mean * load_floats(b->adaptation[p->cone] + place);
    store_floats(p->low + place, sum);
}

/// The finest bands as they count, and the squares of those that are not summed along lines.
INLINE void keep_finest(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    vec h = mean * HIGH_GAIN, m = load_floats(p->middle + place);
    store_floats(p->high + place, h);
    store_floats(p->ultra + place, (load_floats(p->ultra + place) - mean) * ULTRA_GAIN);
    store_floats(p->by + place, h * h * HIGH_SQUARE + m * m * MIDDLE_SQUARE);
}

/// The masked squares, into `by`: the mean of their roots' 3-, 6- and 12-norm, and by what the derivative of each is multiplied.
static double norm_of(const fx_butteraugli *b, const sweep_planes *p, float factors[3]) {
    double sums[3] = {0, 0, 0}, count = (double)b->width * b->height;
    for (int y = 0; y < b->height; y++) {
        vec powers[3] = {{0}, {0}, {0}};
        const float *fine[2 * REACH + 1], *coarse[2 * REACH + 1];
        for (int d = -REACH; d <= REACH; d++) {
            fine[REACH + d] = p->ultra + (ptrdiff_t)b->stride * (y + d);
            coarse[REACH + d] = p->high + (ptrdiff_t)b->stride * (y + d);
        }
        for (int x = 0; x < b->width; x += 16) {
            const size_t place = place_of(b, y, x);
            vec square = add_lines(fine_lines, 12, fine, x, ULTRA_LINE * ULTRA_LINE, load_floats(p->by + place));
            square = add_lines(coarse_lines, 16, coarse, x, HIGH_LINE * HIGH_LINE, square);
            vec l = load_floats(p->low + place);
            square = square * load_floats(b->mask + place) + l * l * load_floats(b->low_mask + place) * LOW_SQUARE;
            store_floats(p->by + place, square);
            vec cube = square * root(square);
            powers[0] += cube;
            powers[1] += cube * cube;
            powers[2] += cube * cube * cube * cube;
        }
        for (int i = 0; i < 3; i++) sums[i] += lanes_sum(powers[i]);
    }
    double total = 0;
    for (int i = 0; i < 3; i++) {
        int power = 3 << i;
        double norm = pow(sums[i] / count, 1.0 / power);
        total += norm / 3;
        factors[i] = norm > 1e-12 ? (float)(pow(norm, 1 - power) / (6 * count)) : 0;
    }
    return total;
}

/// From the squares to the gradient by each band, a row; `by` becomes that by the sums along lines.
INLINE void weigh_row(const fx_butteraugli *b, const sweep_planes *p, float *by_high, const float factors[3], int y) {
    for (int x = 0; x < b->width; x += 16) {
        const size_t place = place_of(b, y, x);
        vec square = load_floats(p->by + place), fourth = square * square;
        vec u = (root(square) * factors[0] + fourth * (factors[1] + square * fourth * factors[2])) * 2;
        store_floats(p->low + place, load_floats(p->low + place) * u * load_floats(b->low_mask + place) * LOW_SQUARE);
        u *= load_floats(b->mask + place);
        store_floats(p->middle + place, load_floats(p->middle + place) * u * MIDDLE_SQUARE);
        store_floats(by_high + place, load_floats(p->high + place) * u * HIGH_SQUARE);
        store_floats(p->by_ultra + place, (vec){0});
        store_floats(p->by + place, u * 0.5f);
    }
}

/// Each band was what the means below it left, so its gradient is less the transposed means of what is above.
INLINE void pass_to_middle(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    vec above = load_floats(p->by_ultra + place) + mean;
    store_floats(p->by_ultra + place, above);
    store_floats(p->middle + place, load_floats(p->middle + place) - above);
}

INLINE void pass_to_low(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    vec above = load_floats(p->by_ultra + place) + mean;
    store_floats(p->by_ultra + place, above);
    store_floats(p->low + place, load_floats(p->low + place) - above);
}

INLINE void pass_to_cones(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    vec v = load_floats(p->by_ultra + place) + mean;
    for (int i = 0; i < 2; i++) {
        store_floats(p->cones[i] + place, v * load_floats(b->gain[i] + place));
        store_floats(p->adapted[i] + place, v * load_floats(b->adaptation[i] + place));
    }
}

INLINE void pass_to_cone(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    store_floats(p->cones[0] + place, load_floats(p->cones[0] + place) + mean);
}

INLINE void pass_to_picture(const fx_butteraugli *b, const sweep_planes *p, int y, int x, vec mean) {
    const size_t place = place_of(b, y, x);
    const vec first = load_floats(p->cones[0] + place), second = load_floats(p->cones[1] + place) + mean;
    for (int c = 0; c < 3; c++) {
        vec slope;
        light_at(b, p->rgb, c, place, y, &slope);
        size_t target = ((size_t)c * (size_t)b->height + (size_t)y) * (size_t)b->width + (size_t)x;
        store_floats(p->gradient + target, (first * absorbance[0][c] + second * absorbance[1][c]) * slope * BRIGHTNESS);
    }
}

static double butteraugli(fx_butteraugli *b, const float *rgb, float *gradient) {
    float *const *w = b->work, *by_high = w[8];
    sweep_planes p = {
        .rgb = rgb, .gradient = gradient, .cones = {w[0], w[1]}, .low = w[2], .middle = w[3], .high = w[4], .ultra = w[5],
        .by = w[6], .by_ultra = w[7], .adapted = {w[3], w[4]},
    };
    p.in = p.cones[0];
    gaussian_sweep(b, ADAPTED, 0, change_row, answer, &p);
    p.in = p.cones[p.cone = 1];
    gaussian_sweep(b, ADAPTED, 0, NULL, answer, &p);
    bands(b, p, NULL, keep_finest);
    float factors[3];
    const double norm = norm_of(b, &p, factors);
    if (!gradient) return norm;

    // Back through the bands: each plane becomes the gradient by itself.
    int ready = 0;
    for (int top = 0; top < b->height; top += STRIP) {
        const int bottom = top + STRIP < b->height ? top + STRIP : b->height;
        for (; ready < b->height && ready < bottom + REACH; ready++) weigh_row(b, &p, by_high, factors, ready);
        add_lines_gradient(b, fine_lines, 12, p.ultra, p.by, ULTRA_LINE * ULTRA_LINE, top, bottom, p.by_ultra);
        add_lines_gradient(b, coarse_lines, 16, p.high, p.by, HIGH_LINE * HIGH_LINE, top, bottom, by_high);
        for (int y = top; y < bottom; y++)
            for (int x = 0; x < b->width; x += 16) {
                const size_t place = place_of(b, y, x);
                vec u = load_floats(p.by_ultra + place) * ULTRA_GAIN;
                store_floats(p.by_ultra + place, u);
                store_floats(by_high + place, load_floats(by_high + place) * HIGH_GAIN - u);
            }
    }
    p.in = by_high;
    gaussian_sweep(b, HIGH, 1, NULL, pass_to_middle, &p);
    p.in = p.middle;
    gaussian_sweep(b, MIDDLE, 1, NULL, pass_to_low, &p);
    p.in = p.low;
    gaussian_sweep(b, LOW, 1, NULL, pass_to_cones, &p);
    p.in = p.adapted[0];
    gaussian_sweep(b, ADAPTED, 1, NULL, pass_to_cone, &p);
    p.in = p.adapted[1];
    gaussian_sweep(b, ADAPTED, 1, NULL, pass_to_picture, &p);
    return norm;
}
#undef EACH
