// SSIMULACRA2 (Sneyers, Cloudinary 2023) with its gradient, compiled once for each level. The score is that of
// Imaging's own measure, less terms too small to matter. No include guard on purpose.

/// The Gaussian of σ 1.5, cut off at ±5; weights of the distances 0…5.
static const float blur_weights[6] = {
    0.26601171f, 0.21300554f, 0.10936070f, 0.03600077f, 0.00759876f, 0.00102838f,
};

INLINE vec root(vec v) {
#if defined(__x86_64__) && (HAS_PAIRS)
    return (vec)_mm512_sqrt_ps((__m512)v);
#else
    return __builtin_elementwise_sqrt(v);
#endif
}

INLINE vec larger(vec a, vec b) { return choose(a > b, a, b); }
INLINE vec magnitude(vec v) { return (vec)((ivec)v & 0x7FFFFFFF); }

/// Cube root of positive numbers: a guess from the exponent, then two steps of Halley's method.
INLINE vec cube_root(vec v) {
    ivec bits = (ivec)v;
    bits = (bits >> 2) + (bits >> 4);
    bits += bits >> 4;
    bits += bits >> 8;
    bits += 0x2A5137A0;
    vec r = (vec)bits;
    for (int i = 0; i < 2; i++) {
        vec cube = r * r * r;
        r *= (cube + v + v) / (cube + cube + v);
    }
    return r;
}

#define POWER_6 -0.122228745f
#define POWER_5 0.57051733f
#define POWER_4 -1.14381862f
#define POWER_3 1.31564187f
#define POWER_2 -1.03978047f
#define POWER_1 1.3885218f
#define POWER_0 0.031146716f

/// u^0.4 on 0.085…1.02 by a polynomial in √u, least squares of the relative error at Chebyshev nodes; it stays below 4e-6.
INLINE vec power_two_fifths(vec u) {
    vec s = root(u);
    vec p = s * POWER_6 + POWER_5;
    p = p * s + POWER_4;
    p = p * s + POWER_3;
    p = p * s + POWER_2;
    p = p * s + POWER_1;
    return p * s + POWER_0;
}

/// The transfer function of sRGB and its derivative.
INLINE vec to_linear(vec v, vec *slope) {
    vec value = larger(v, (vec){0});
    ivec toe = value <= 0.04045f;
    vec u = (larger(value, (vec){0} + 0.04f) + 0.055f) * (1 / 1.055f);
    vec p = power_two_fifths(u);
    vec light = choose(toe, value * (1 / 12.92f), u * u * p);
    if (slope) *slope = choose(toe, (vec){0} + 1 / 12.92f, u * p * (2.4f / 1.055f));
    return light;
}

static const float mix[3][3] = {
    {0.30f, 0.622f, 0.078f},
    {0.23f, 0.692f, 0.078f},
    {0.24342269f, 0.20476744f, 0.55180987f},
};
#define MIX_BIAS 0.0037930733f
#define MIX_BIAS_ROOT 0.15595420f

INLINE int reflect(int i, int n) {
    if (i >= 0 && i < n) return i;
    int period = 2 * n, wrapped = ((i % period) + period) % period;
    return wrapped < n ? wrapped : period - 1 - wrapped;
}

/// Along one row; what lies outside counts as zero: see `clear_tail`.
INLINE void blur_row(const float *in, float *out, int width) {
    for (int x = 0; x < width; x += 16) {
        vec sum = load_floats(in + x) * blur_weights[0];
#pragma clang loop unroll(full)
        for (int d = 1; d <= 5; d++) sum += (load_floats(in + x - d) + load_floats(in + x + d)) * blur_weights[d];
        store_floats(out + x, sum);
    }
}

/// Zeros where a blur along the row looks beyond its ends: planes to work in change their row length with the scale.
INLINE void clear_tail(float *row, int width) {
    store_floats(row - 16, (vec){0});
    for (int x = width; x < (width + 15) / 16 * 16; x++) row[x] = 0;
    store_floats(row + (width + 15) / 16 * 16, (vec){0});
}

/// Rows around one that a blur needs at a time, of a plane that is made row by row: row `y` lies in `ring` in the place y % FX_RING_ROWS.
enum { BLUR_REACH = 5 };

INLINE float *ring_row(const fx_scale_planes *s, float *ring, int y) { return ring + (size_t)(y % FX_RING_ROWS) * s->stride; }

/// Down the columns with reflected borders. `to` gets a clear tail.
static void blur_down(const fx_scale_planes *s, float *ring, int y, float *to) {
    const float *rows[2 * BLUR_REACH + 1];
    for (int d = -BLUR_REACH; d <= BLUR_REACH; d++) rows[d + BLUR_REACH] = ring_row(s, ring, reflect(y + d, s->height));
    for (int x = 0; x < s->width; x += 16) {
        vec sum = load_floats(rows[BLUR_REACH] + x) * blur_weights[0];
#pragma clang loop unroll(full)
        for (int d = 1; d <= BLUR_REACH; d++)
            sum += (load_floats(rows[BLUR_REACH - d] + x) + load_floats(rows[BLUR_REACH + d] + x)) * blur_weights[d];
        store_floats(to + x, sum);
    }
    clear_tail(to, s->width);
}

INLINE vec sum_rows(const float *const *rows, const float *factors, int n, int x) {
    vec sum = {0};
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) sum += load_floats(rows[i] + x) * factors[i];
    return sum;
}

/// The transpose of both: down the columns (borders fold back), then along the row. `line` is a row to work in.
static void blur_back(const fx_scale_planes *s, float *ring, int y, float *line, float *to) {
    const int w = s->width, h = s->height;
    // All rows whose window, reflected, holds this one.
    const float *rows[24];
    float factors[24];
    int n = 0;
    for (int source = y - BLUR_REACH < 0 ? 0 : y - BLUR_REACH; source <= y + BLUR_REACH && source < h; source++) {
        rows[n] = ring_row(s, ring, source);
        factors[n++] = blur_weights[source > y ? source - y : y - source];
    }
    if (y < BLUR_REACH || y >= h - BLUR_REACH) {
        for (int source = 0; source < h; source++) {
            if (source == BLUR_REACH && h - BLUR_REACH > BLUR_REACH) source = h - BLUR_REACH;
            float folded = 0;
            for (int d = -BLUR_REACH; d <= BLUR_REACH; d++)
                if ((source + d < 0 || source + d >= h) && reflect(source + d, h) == y)
                    folded += blur_weights[d < 0 ? -d : d];
            if (folded == 0) continue;
            rows[n] = ring_row(s, ring, source);
            factors[n++] = folded;
        }
        for (int x = 0; x < w; x += 16) store_floats(line + x, sum_rows(rows, factors, n, x));
    } else {
        for (int x = 0; x < w; x += 16) store_floats(line + x, sum_rows(rows, factors, 2 * BLUR_REACH + 1, x));
    }
    clear_tail(line, w);
    blur_row(line, to, w);
}

/// The root of what a kind of cones sees of linear light.
INLINE vec cone_root(const vec *light, int c) {
    return cube_root(light[0] * mix[c][0] + light[1] * mix[c][1] + light[2] * mix[c][2] + MIX_BIAS);
}

/// XYB of one scale from linear light, the channels that count.
static void to_xyb(const fx_scale_planes *s, float *const image[3]) {
    const int counts[3] = {fx_counts(s, 0), fx_counts(s, 1), fx_counts(s, 2)};
    for (int y = 0; y < s->height; y++) {
        size_t row = (size_t)y * s->stride;
        for (int x = 0; x < s->width; x += 16) {
            vec light[3];
            for (int c = 0; c < 3; c++) light[c] = load_floats(s->linear[c] + row + x);
            vec first = cone_root(light, 0) - MIX_BIAS_ROOT, second = cone_root(light, 1) - MIX_BIAS_ROOT;
            vec luma = (first + second) * 0.5f;
            if (counts[0]) store_floats(image[0] + row + x, (first - second) * 7 + 0.42f);
            if (counts[1]) store_floats(image[1] + row + x, luma + 0.01f);
            if (counts[2]) store_floats(image[2] + row + x, cone_root(light, 2) - MIX_BIAS_ROOT - luma + 0.55f);
        }
        for (int c = 0; c < 3; c++)
            if (counts[c]) clear_tail(image[c] + row, s->width);
    }
}

static void read_linear(fx_visibility *v, const float *rgb) {
    fx_scale_planes *s = &v->scale[0];
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < s->height; y++) {
            const float *from = rgb + ((size_t)c * (size_t)s->height + (size_t)y) * (size_t)s->width;
            float *to = s->linear[c] + (size_t)y * s->stride;
            int x = 0;
            for (; x + 16 <= s->width; x += 16) store_floats(to + x, to_linear(load_floats(from + x), NULL));
            for (; x < s->width; x++) to[x] = to_linear((vec){0} + from[x], NULL)[0];
        }
    for (int k = 1; k < v->used; k++) {
        const fx_scale_planes *fine = &v->scale[k - 1];
        fx_scale_planes *coarse = &v->scale[k];
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < coarse->height; y++) {
                int second = 2 * y + 1 < fine->height ? 2 * y + 1 : 2 * y;
                const float *a = fine->linear[c] + (size_t)(2 * y) * fine->stride;
                const float *b = fine->linear[c] + (size_t)second * fine->stride;
                float *to = coarse->linear[c] + (size_t)y * coarse->stride;
                for (int x = 0; x < fine->width / 2; x++)
                    to[x] = (a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1]) * 0.25f;
                if (fine->width % 2) to[coarse->width - 1] = (a[fine->width - 1] + b[fine->width - 1]) * 0.5f;
            }
    }
}

/// The product of two rows, with a clear tail.
INLINE void multiply_row(const float *a, const float *b, float *out, int width) {
    for (int x = 0; x < width; x += 16) store_floats(out + x, load_floats(a + x) * load_floats(b + x));
    clear_tail(out, width);
}

static void visibility_reference(fx_visibility *v, const float *rgb) {
    read_linear(v, rgb);
    for (int k = 0; k < v->used; k++) {
        fx_scale_planes *s = &v->scale[k];
        to_xyb(s, s->image);
        for (int c = 0; c < 3; c++) {
            if (!fx_counts(s, c)) continue;
            for (int ready = 0; ready < s->height + BLUR_REACH; ready++) {
                const int y = ready - BLUR_REACH;
                if (ready < s->height) {
                    const float *image = s->image[c] + (size_t)ready * s->stride;
                    blur_row(image, ring_row(s, v->rings[0], ready), s->width);
                    if (s->similarity[c]) {
                        multiply_row(image, image, v->lines[0], s->width);
                        blur_row(v->lines[0], ring_row(s, v->rings[1], ready), s->width);
                    }
                }
                if (y < 0) continue;
                blur_down(s, v->rings[0], y, s->mean[c] + (size_t)y * s->stride);
                if (s->similarity[c]) blur_down(s, v->rings[1], y, s->square[c] + (size_t)y * s->stride);
            }
        }
    }
}

#define SIMILARITY_C2 0.0009f

/// One channel of one scale: local means of the changed image, of its square and of that of what changed; and room to make them in.
typedef struct {
    float *mean, *square, *squared_difference;
    float *const *rings, *const *lines;
} channel_planes;

/// 1 in the lanes that are samples, 0 beyond the end of the row.
INLINE vec inside(int x, int width) {
    vec ones = {0};
    for (int i = 0; i < 16; i++) ones[i] = x + i < width;
    return ones;
}

/// The terms at one place: dissimilarity before it is cut off at zero, and the relative change of edges.
typedef struct {
    vec shift, deviation, variances, structure, raw;
} similarity_terms;

INLINE similarity_terms similarity_at(
    const fx_scale_planes *s, const channel_planes *p, int c, size_t place) {
    similarity_terms t;
    vec m1 = load_floats(s->mean[c] + place), m2 = load_floats(p->mean + place);
    t.deviation = m2 - m1;
    t.shift = t.deviation * t.deviation;
    t.variances = (load_floats(s->square[c] + place) - m1 * m1) + (load_floats(p->square + place) - m2 * m2)
        + SIMILARITY_C2;
    t.structure = (load_floats(p->squared_difference + place) - t.shift) / t.variances;
    t.raw = t.structure + t.shift - t.structure * t.shift;
    return t;
}

/// The sums of the six terms over a row. The means are made as far as the row.
INLINE void add_row_terms(const fx_scale_planes *s, int c, const channel_planes *p, int y, double sums[6]) {
    vec rows[6] = {{0}, {0}, {0}, {0}, {0}, {0}};
    for (int x = 0; x < s->width; x += 16) {
        size_t place = (size_t)y * s->stride + (size_t)x;
        vec real = x + 16 <= s->width ? (vec){0} + 1 : inside(x, s->width);
        if (s->similarity[c]) {
            vec d = larger(similarity_at(s, p, c, place).raw, (vec){0}) * real, square = d * d;
            rows[0] += d;
            rows[3] += square * square;
        }
        if (s->edges[c]) {
            vec before = magnitude(load_floats(s->image[c] + place) - load_floats(s->mean[c] + place)) + 1;
            vec after = magnitude(load_floats(s->changed[c] + place) - load_floats(p->mean + place)) + 1;
            vec ratio = (after / before - 1) * real;
            vec added = larger(ratio, (vec){0}), lost = added - ratio;
            rows[1] += added;
            rows[2] += lost;
            rows[4] += added * added * added * added;
            rows[5] += lost * lost * lost * lost;
        }
    }
    for (int t = 0; t < 6; t++) sums[t] += lanes_sum(rows[t]);
}

/// The means, and the mean of each of the six terms. All that is made of a row is made while its neighbours are in the cache.
static void measure(const fx_scale_planes *s, int c, const channel_planes *p, double sums[6]) {
    for (int t = 0; t < 6; t++) sums[t] = 0;
    for (int ready = 0; ready < s->height + BLUR_REACH; ready++) {
        const int y = ready - BLUR_REACH;
        if (ready < s->height) {
            const size_t row = (size_t)ready * s->stride;
            const float *x2 = s->changed[c] + row, *x1 = s->image[c] + row;
            blur_row(x2, ring_row(s, p->rings[0], ready), s->width);
            if (s->similarity[c]) {
                multiply_row(x2, x2, p->lines[0], s->width);
                blur_row(p->lines[0], ring_row(s, p->rings[1], ready), s->width);
                for (int x = 0; x < s->width; x += 16) {
                    vec d = load_floats(x2 + x) - load_floats(x1 + x);
                    store_floats(p->lines[0] + x, d * d);
                }
                clear_tail(p->lines[0], s->width);
                blur_row(p->lines[0], ring_row(s, p->rings[2], ready), s->width);
            }
        }
        if (y < 0) continue;
        const size_t row = (size_t)y * s->stride;
        blur_down(s, p->rings[0], y, p->mean + row);
        if (s->similarity[c]) {
            blur_down(s, p->rings[1], y, p->square + row);
            blur_down(s, p->rings[2], y, p->squared_difference + row);
        }
        add_row_terms(s, c, p, y, sums);
    }
    double count = (double)s->width * s->height;
    for (int t = 0; t < 6; t++) sums[t] /= count;
}

/// What the terms of a row make of d(weighted sum)/d(means), into the rings, and directly of that by the image, into `target`.
INLINE void derive_row(
    const fx_scale_planes *s, int c, const channel_planes *p, int y, const float linear[3], const float cubic[3],
    float *target) {
    float *by_mean_row = ring_row(s, p->rings[0], y), *by_square_row = ring_row(s, p->rings[1], y);
    float *by_difference_row = ring_row(s, p->rings[2], y);
    for (int x = 0; x < s->width; x += 16) {
        size_t place = (size_t)y * s->stride + (size_t)x;
        vec by_mean = {0}, direct = {0};
        if (s->similarity[c]) {
            similarity_terms t = similarity_at(s, p, c, place);
            vec d = larger(t.raw, (vec){0});
            vec up = choose(t.raw > 0, linear[0] + d * d * d * cubic[0], (vec){0});
            vec by_structure = up * (1 - t.shift) / t.variances;
            vec by_square = -(by_structure * t.structure);
            vec by_shift = up * (1 - t.structure) - by_structure;
            by_mean = by_shift * t.deviation * 2 - by_square * load_floats(p->mean + place) * 2;
            store_floats(by_square_row + x, by_square);
            store_floats(by_difference_row + x, by_structure);
        }
        if (s->edges[c]) {
            vec before = magnitude(load_floats(s->image[c] + place) - load_floats(s->mean[c] + place)) + 1;
            vec offset = load_floats(s->changed[c] + place) - load_floats(p->mean + place);
            vec ratio = (magnitude(offset) + 1) / before - 1;
            vec added = larger(ratio, (vec){0}), lost = added - ratio;
            vec up = choose(
                ratio > 0, linear[1] + added * added * added * cubic[1],
                -(linear[2] + lost * lost * lost * cubic[2]));
            direct = up / before;
            direct = choose(offset > 0, direct, choose(offset < 0, -direct, (vec){0}));
            by_mean -= direct;
        }
        store_floats(by_mean_row + x, by_mean);
        store_floats(target + x, direct);
    }
    clear_tail(by_mean_row, s->width);
    if (!s->similarity[c]) return;
    clear_tail(by_square_row, s->width);
    clear_tail(by_difference_row, s->width);
}

/// From sums to the gradient by the changed image, into s->changed's gradient plane `target`.
static void channel_gradient(
    const fx_scale_planes *s, int c, const channel_planes *p, const double sums[6], float *target) {
    double count = (double)s->width * s->height;
    float linear[3], cubic[3];
    for (int t = 0; t < 3; t++) {
        double norm = sqrt(sqrt(sums[t + 3]));
        linear[t] = (float)(s->weights[c][t] / count);
        // A norm near zero has no slope worth following.
        cubic[t] = norm > 1e-7 ? (float)(s->weights[c][t + 3] / (count * norm * norm * norm)) : 0;
    }
    float *const *lines = p->lines;
    for (int ready = 0; ready < s->height + BLUR_REACH; ready++) {
        if (ready < s->height) derive_row(s, c, p, ready, linear, cubic, target + (size_t)ready * s->stride);
        const int y = ready - BLUR_REACH;
        if (y < 0) continue;
        const size_t row = (size_t)y * s->stride;
        blur_back(s, p->rings[0], y, lines[0], lines[1]);
        if (s->similarity[c]) {
            blur_back(s, p->rings[1], y, lines[0], lines[2]);
            blur_back(s, p->rings[2], y, lines[0], lines[3]);
        }
        for (int x = 0; x < s->width; x += 16) {
            vec sum = load_floats(target + row + x) + load_floats(lines[1] + x);
            if (s->similarity[c]) {
                vec x2 = load_floats(s->changed[c] + row + x), d = x2 - load_floats(s->image[c] + row + x);
                sum += (x2 * load_floats(lines[2] + x) + d * load_floats(lines[3] + x)) * 2;
            }
            store_floats(target + row + x, sum);
        }
    }
}

/// From the gradient by XYB to that by linear light, in place of `gradient`; adds what the coarser scale hands up.
static void to_light(fx_scale_planes *s, const fx_scale_planes *coarse) {
    const int counts[3] = {fx_counts(s, 0), fx_counts(s, 1), fx_counts(s, 2)};
    for (int y = 0; y < s->height; y++) {
        size_t row = (size_t)y * s->stride;
        for (int x = 0; x < s->width; x += 16) {
            vec light[3], by_xyb[3], by_cone[3], out[3] = {{0}, {0}, {0}};
            for (int c = 0; c < 3; c++) {
                light[c] = load_floats(s->linear[c] + row + x);
                by_xyb[c] = counts[c] ? load_floats(s->gradient[c] + row + x) : (vec){0};
            }
            by_cone[0] = by_xyb[0] * 7 + (by_xyb[1] - by_xyb[2]) * 0.5f;
            by_cone[1] = (by_xyb[1] - by_xyb[2]) * 0.5f - by_xyb[0] * 7;
            by_cone[2] = by_xyb[2];
            for (int c = 0; c < 2 + counts[2]; c++) {
                vec r = cone_root(light, c);
                vec g = by_cone[c] / (r * r * 3);
                for (int i = 0; i < 3; i++) out[i] += g * mix[c][i];
            }
            for (int c = 0; c < 3; c++) store_floats(s->gradient[c] + row + x, out[c]);
        }
    }
    if (!coarse) return;
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < s->height; y++) {
            const float *from = coarse->gradient[c] + (size_t)(y / 2) * coarse->stride;
            float *to = s->gradient[c] + (size_t)y * s->stride;
            // The last row of an odd height stands alone in its average.
            float rows = s->height % 2 && y == s->height - 1 ? 0.5f : 0.25f;
            for (int x = 0; x < s->width / 2; x++) {
                to[2 * x] += from[x] * rows;
                to[2 * x + 1] += from[x] * rows;
            }
            if (s->width % 2) to[s->width - 1] += from[coarse->width - 1] * rows * 2;
        }
}

static double visibility(fx_visibility *v, const float *rgb, float *gradient) {
    read_linear(v, rgb);
    const channel_planes p = {v->work[0], v->work[1], v->work[2], v->rings, v->lines};
    double weighted = 0;
    for (int k = 0; k < v->used; k++) {
        fx_scale_planes *s = &v->scale[k];
        to_xyb(s, s->changed);
        for (int c = 0; c < 3; c++) {
            if (!fx_counts(s, c)) continue;
            double sums[6];
            measure(s, c, &p, sums);
            for (int t = 0; t < 3; t++)
                weighted += s->weights[c][t] * sums[t] + s->weights[c][t + 3] * sqrt(sqrt(sums[t + 3]));
            if (gradient) channel_gradient(s, c, &p, sums, s->gradient[c]);
        }
    }
    double t = weighted * 0.9562382616834844;
    double bent = 2.326765642916932 * t - 0.020884521182843837 * t * t + 6.248496625763138e-05 * t * t * t;
    const fx_scale_planes *s = &v->scale[0];
    size_t samples = (size_t)s->width * (size_t)s->height;
    if (!(bent > 1e-9)) {
        if (gradient) memset(gradient, 0, 3 * samples * sizeof(float));
        return 100;
    }
    if (gradient) {
        double slope = 2.326765642916932 - 2 * 0.020884521182843837 * t + 3 * 6.248496625763138e-05 * t * t;
        slope *= -10 * 0.6276336467831387 * pow(bent, 0.6276336467831387 - 1) * 0.9562382616834844;
        for (int k = v->used - 1; k >= 0; k--) to_light(&v->scale[k], k + 1 < v->used ? &v->scale[k + 1] : NULL);
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < s->height; y++) {
                size_t offset = ((size_t)c * (size_t)s->height + (size_t)y) * (size_t)s->width;
                const float *from = s->gradient[c] + (size_t)y * s->stride;
                for (int x = 0; x < s->width; x += 16) {
                    int n = s->width - x < 16 ? s->width - x : 16;
                    vec value = {0}, by_value;
                    if (n == 16) {
                        value = load_floats(rgb + offset + x);
                    } else {
                        for (int i = 0; i < n; i++) value[i] = rgb[offset + (size_t)(x + i)];
                    }
                    to_linear(value, &by_value);
                    by_value *= load_floats(from + x) * (float)slope;
                    if (n == 16) {
                        store_floats(gradient + offset + x, by_value);
                    } else {
                        for (int i = 0; i < n; i++) gradient[offset + (size_t)(x + i)] = by_value[i];
                    }
                }
            }
    }
    return 100 - 10 * pow(bent, 0.6276336467831387);
}
