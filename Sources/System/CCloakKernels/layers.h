// The layers, compiled once for each level: WIDTHS lists how many samples of a row are worked on at a time, HAS_PAIRS
// whether two blocks of channels fit into the registers, HALF whether tensors hold bf16. No include guard on purpose.

#include "levels.h"

#include <math.h>
#include <string.h>

// Vectors are passed to nothing outside of this file, so their calling convention is nobody else's business.
#pragma clang diagnostic ignored "-Wpsabi"

/// Sixteen channels of one sample.
typedef float vec __attribute__((vector_size(64), aligned(4)));
typedef int32_t ivec __attribute__((vector_size(64), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

#if HALF
typedef uint16_t elem;
#define WEIGHT_STEPS 8

INLINE vec load(const elem *p) {
    __m256i half = _mm256_loadu_si256((const __m256i *)p);
    return (vec)_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16);
}

INLINE void store(elem *p, vec v) {
    _mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh((__m512)v));
}
#else
typedef float elem;
#define WEIGHT_STEPS 16

INLINE vec load(const elem *p) {
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(elem *p, vec v) { memcpy(p, &v, sizeof v); }
#endif

INLINE vec load_floats(const float *p) {
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store_floats(float *p, vec v) { memcpy(p, &v, sizeof v); }

INLINE vec choose(ivec condition, vec yes, vec no) {
    return (vec)((condition & (ivec)yes) | (~condition & (ivec)no));
}

/// What transforms and signs work on at a time: a register.
#if HAS_PAIRS
typedef vec part;
typedef ivec ipart;
typedef uint16_t part_signs;
#else
typedef float part __attribute__((vector_size(32), aligned(4)));
typedef int32_t ipart __attribute__((vector_size(32), aligned(4)));
typedef uint8_t part_signs;
#endif
enum { PART_FLOATS = sizeof(part) / sizeof(float) };

INLINE part load_part(const float *p) {
    part v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store_part(float *p, part v) { memcpy(p, &v, sizeof v); }

INLINE part choose_part(ipart condition, part yes, part no) {
    return (part)((condition & (ipart)yes) | (~condition & (ipart)no));
}

#if HAS_PAIRS
/// A bit for each lane above zero, the first lane's the lowest.
INLINE part_signs signs_of_part(part v) {
    return (part_signs)_mm512_cmp_ps_mask((__m512)v, _mm512_setzero_ps(), _CMP_GT_OQ);
}

/// As it is where the bit is set, else times the slope.
INLINE part sloped_part(part_signs signs, part v, float slope) {
    return (part)_mm512_mask_mul_ps((__m512)v, (__mmask16)~signs, (__m512)v, _mm512_set1_ps(slope));
}

INLINE uint16_t signs_of(vec v) { return signs_of_part(v); }
INLINE vec sloped(uint16_t signs, vec v, float slope) { return sloped_part(signs, v, slope); }
#else
static const ipart lane_bits = {1, 2, 4, 8, 16, 32, 64, 128};

/// A bit for each lane above zero, the first lane's the lowest.
INLINE part_signs signs_of_part(part v) {
#ifdef SIGNS_OF_PART
    return SIGNS_OF_PART(v);
#else
    return (part_signs)__builtin_reduce_or((v > 0) & lane_bits);
#endif
}

/// As it is where the bit is set, else times the slope.
INLINE part sloped_part(part_signs signs, part v, float slope) {
    return choose_part((((ipart){0} + signs) & lane_bits) == lane_bits, v, v * slope);
}

INLINE uint16_t signs_of(vec v) {
    const part low = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
    const part high = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    return (uint16_t)(signs_of_part(low) | signs_of_part(high) << 8);
}

INLINE vec sloped(uint16_t signs, vec v, float slope) {
    const part low = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
    const part high = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(
        sloped_part((part_signs)signs, low, slope), sloped_part((part_signs)(signs >> 8), high, slope), 0, 1, 2, 3, 4,
        5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
#endif

INLINE vec activated(vec v, float slope) { return slope == 1 ? v : choose(v > 0, v, v * slope); }

INLINE size_t count_blocks(int channels) { return ((size_t)channels + 15) / 16; }
INLINE size_t row_samples(const fx_tensor *t) { return (size_t)(t->width + 2) * 16; }
INLINE size_t block_samples(const fx_tensor *t) { return row_samples(t) * (size_t)(t->height + 2); }
/// Where the signs of a row's first sample are, counted in samples.
INLINE size_t interior_sample(const fx_tensor *t, size_t block, int y) {
    return (block * block_samples(t) + (size_t)(y + 1) * row_samples(t)) / 16 + 1;
}
INLINE elem *interior(const fx_tensor *t, size_t block, int y) {
    return (elem *)t->data + block * block_samples(t) + (size_t)(y + 1) * row_samples(t) + 16;
}

/// What one call of a block kernel works on: a run of samples of a row, one or two blocks of output channels.
typedef struct {
    const elem *in;
    size_t in_block;
    int in_blocks, last_steps, taps;
    const ptrdiff_t *offsets;
    const elem *weights;
    size_t weights_block;
    const float *bias;
    elem *out;
    /// Of the samples at `out`; each may be NULL.
    const uint16_t *mask;
    uint16_t *signs;
    size_t out_block;
    int out_step;
    float slope;
} run;

/// `nx` samples, `pair` + 1 blocks of output channels, source samples `step` apart: constants after inlining, so that
/// all sums stay in registers.
INLINE void run_block(const run *r, const int nx, const int pair, const int step) {
    vec sums[2][16];
#pragma clang loop unroll(full)
    for (int x = 0; x < nx; x++) {
        sums[0][x] = r->bias ? load_floats(r->bias) : (vec){0};
        if (pair) sums[1][x] = r->bias ? load_floats(r->bias + 16) : (vec){0};
    }
    const elem *weights = r->weights;
    for (int block = 0; block < r->in_blocks; block++) {
        const int steps = block == r->in_blocks - 1 ? r->last_steps : WEIGHT_STEPS;
        for (int tap = 0; tap < r->taps; tap++) {
            const elem *in = r->in + (size_t)block * r->in_block + r->offsets[tap];
#if HALF
            const uint32_t *source = (const uint32_t *)(const void *)in;
            for (int c = 0; c < steps; c++) {
                __m512bh w0 = (__m512bh)_mm512_loadu_si512(weights + c * 32);
                __m512bh w1 = pair ? (__m512bh)_mm512_loadu_si512(weights + r->weights_block + c * 32) : w0;
#pragma clang loop unroll(full)
                for (int x = 0; x < nx; x++) {
                    __m512bh value = (__m512bh)_mm512_set1_epi32((int)source[x * step * 8 + c]);
                    sums[0][x] = (vec)_mm512_dpbf16_ps((__m512)sums[0][x], w0, value);
                    if (pair) sums[1][x] = (vec)_mm512_dpbf16_ps((__m512)sums[1][x], w1, value);
                }
            }
#else
            for (int c = 0; c < steps; c++) {
                vec w0 = load_floats(weights + c * 16);
                vec w1 = pair ? load_floats(weights + r->weights_block + c * 16) : w0;
#pragma clang loop unroll(full)
                for (int x = 0; x < nx; x++) {
                    const float value = in[x * step * 16 + c];
                    sums[0][x] += w0 * value;
                    if (pair) sums[1][x] += w1 * value;
                }
            }
#endif
            weights += 256;
        }
    }
#pragma clang loop unroll(full)
    for (int x = 0; x < nx; x++)
#pragma clang loop unroll(full)
        for (int b = 0; b <= pair; b++) {
            size_t place = (size_t)b * r->out_block + (size_t)(x * r->out_step) * 16;
            vec v = sums[b][x];
            if (r->mask) {
                v = sloped(r->mask[place / 16], v, r->slope);
            } else {
                if (r->signs) r->signs[place / 16] = signs_of(v);
                v = activated(v, r->slope);
            }
            store(r->out + place, v);
        }
}

#define DEFINE_RUN(nx)                                                                        \
    static void run_##nx##_single_1(const run *r) { run_block(r, nx, 0, 1); }                 \
    static void run_##nx##_single_2(const run *r) { run_block(r, nx, 0, 2); }
WIDTHS(DEFINE_RUN)
#if HAS_PAIRS
#define DEFINE_PAIR(nx)                                                                       \
    static void run_##nx##_pair_1(const run *r) { run_block(r, nx, 1, 1); }                   \
    static void run_##nx##_pair_2(const run *r) { run_block(r, nx, 1, 2); }
WIDTHS(DEFINE_PAIR)
#else
#define run_for_pair(nx)
#endif

typedef struct {
    int width;
    void (*function[2][2])(const run *);
} run_choice;

#if HAS_PAIRS
#define CHOICE(nx) {nx, {{run_##nx##_single_1, run_##nx##_single_2}, {run_##nx##_pair_1, run_##nx##_pair_2}}},
#else
#define CHOICE(nx) {nx, {{run_##nx##_single_1, run_##nx##_single_2}, {run_##nx##_single_1, run_##nx##_single_2}}},
#endif
static const run_choice choices[] = {WIDTHS(CHOICE)};

/// About what a run costs: narrow ones load weights more often than they use them, and wait for their own sums, because
/// an addition takes as long as eight registers of them.
INLINE int run_cost(int width) {
    const int least = HAS_PAIRS ? 8 : 4;
    return (width < least ? least : width) + 2;
}

/// How runs cover a row: all of one width but the last, which may overlap the one before it.
typedef struct {
    const run_choice *most, *last;
} row_choice;

/// The widths that cover a row with the least work.
static row_choice best_choice(int columns) {
    const size_t count = sizeof choices / sizeof *choices;
    row_choice best = {NULL, NULL};
    int least = 0;
    for (size_t i = 0; i < count; i++) {
        const int width = choices[i].width, rest = columns % width;
        if (width > columns) continue;
        size_t last = i;
        while (rest > 0 && last + 1 < count && choices[last + 1].width >= rest) last++;
        const int cost = columns / width * run_cost(width) + (rest > 0 ? run_cost(choices[last].width) : 0);
        if (!best.most || cost < least) {
            best = (row_choice){&choices[i], &choices[last]};
            least = cost;
        }
    }
    return best;
}

/// The run that covers samples from `*x` on; moves `*x` back where it is the last one and overlaps.
INLINE const run_choice *next_run(row_choice choice, int columns, int *x) {
    if (*x + choice.most->width <= columns) return choice.most;
    *x = columns - choice.last->width;
    return choice.last;
}

static void convolve(const fx_pass *pass, const fx_tensor *in, const fx_tensor *out) {
    const fx_phase *phase = pass->phase;
    const row_choice choice = best_choice(pass->columns);
    ptrdiff_t offsets[9];
    for (int tap = 0; tap < phase->taps; tap++)
        offsets[tap] = phase->dy[tap] * (ptrdiff_t)row_samples(in) + phase->dx[tap] * 16;
    size_t in_blocks = count_blocks(pass->inputs), out_blocks = count_blocks(pass->outputs);
    int last = pass->inputs - ((int)in_blocks - 1) * 16;
    size_t weights_block = in_blocks * (size_t)phase->taps * 256;
    run r = {
        .in_block = block_samples(in), .in_blocks = (int)in_blocks, .taps = phase->taps, .offsets = offsets,
        .last_steps = HALF ? (last + 1) / 2 : last, .weights_block = weights_block, .out_block = block_samples(out),
        .out_step = pass->out_step, .slope = pass->slope,
    };
    for (int y = 0; y < pass->rows; y++) {
        int to = y * pass->out_step + pass->out_y;
        const elem *source = (const elem *)in->data + (size_t)(y * pass->in_step) * row_samples(in);
        for (size_t block = 0; block < out_blocks;) {
            int pair = HAS_PAIRS && block + 1 < out_blocks;
            r.weights = (const elem *)(const void *)phase->weights + block * weights_block;
            r.bias = pass->bias ? pass->bias + block * 16 : NULL;
            elem *target = interior(out, block, to) + (size_t)pass->out_x * 16;
            const size_t sample = interior_sample(out, block, to) + (size_t)pass->out_x;
            for (int x = 0; x < pass->columns;) {
                const run_choice *next = next_run(choice, pass->columns, &x);
                r.in = source + (size_t)(x * pass->in_step) * 16;
                r.out = target + (size_t)(x * pass->out_step) * 16;
                r.mask = pass->mask ? pass->mask + sample + x * pass->out_step : NULL;
                r.signs = pass->signs ? pass->signs + sample + x * pass->out_step : NULL;
                next->function[pair][pass->in_step - 1](&r);
                x += next->width;
            }
            block += pair ? 2 : 1;
        }
    }
}

/// Samples of the whole storage: borders are zero and stay so in everything that maps zero to zero.
INLINE size_t all_samples(const fx_tensor *t) { return count_blocks(t->channels) * block_samples(t); }

static void add(const fx_tensor *a, const fx_tensor *b, const fx_tensor *out, float slope, uint16_t *signs) {
    const elem *p = a->data, *q = b ? b->data : NULL;
    elem *to = out->data;
    for (size_t i = 0, n = all_samples(a); i < n; i += 16) {
        vec v = load(p + i);
        if (q) v += load(q + i);
        if (signs) signs[i / 16] = signs_of(v);
        store(to + i, activated(v, slope));
    }
}

static void add_masked(
    const fx_tensor *a, const fx_tensor *b, const uint16_t *mask, float slope, const fx_tensor *out) {
    const elem *p = a->data, *q = b ? b->data : NULL;
    elem *to = out->data;
    for (size_t i = 0, n = all_samples(a); i < n; i += 16) {
        vec v = load(p + i);
        if (q) v += load(q + i);
        if (mask) v = sloped(mask[i / 16], v, slope);
        store(to + i, v);
    }
}

/// 1 in the real channels of a block, 0 in those that only fill it.
static vec real_channels(const fx_tensor *t, size_t block) {
    vec ones = {0};
    for (int c = 0; c < 16 && (int)block * 16 + c < t->channels; c++) ones[c] = 1;
    return ones;
}

static void scale(const fx_tensor *a, const fx_tensor *out, float mul, float add) {
    for (size_t block = 0; block < count_blocks(a->channels); block++) {
        const vec shift = real_channels(a, block) * add;
        for (int y = 0; y < a->height; y++) {
            const elem *p = interior(a, block, y);
            elem *to = interior(out, block, y);
            for (int x = 0; x < a->width; x++) store(to + x * 16, load(p + x * 16) * mul + shift);
        }
    }
}

static void tanh_forward(const fx_tensor *a, const fx_tensor *out, float limit) {
    const elem *p = a->data;
    elem *to = out->data;
    for (size_t i = 0, n = all_samples(a); i < n; i += 16) {
        vec v = load(p + i);
        for (int c = 0; c < 16; c++) v[c] = limit * tanhf(v[c] / limit);
        store(to + i, v);
    }
}

static void tanh_backward(const fx_tensor *out, const fx_tensor *y, const fx_tensor *in, float limit) {
    const elem *p = out->data, *q = y->data;
    elem *to = in->data;
    for (size_t i = 0, n = all_samples(out); i < n; i += 16) {
        vec t = load(q + i) / limit;
        store(to + i, load(p + i) * (1 - t * t));
    }
}

static void upsample(const fx_tensor *a, const fx_tensor *out) {
    for (size_t block = 0; block < count_blocks(a->channels); block++)
        for (int y = 0; y < a->height; y++) {
            const elem *p = interior(a, block, y);
            for (int half = 0; half < 2; half++) {
                elem *to = interior(out, block, 2 * y + half);
                for (int x = 0; x < a->width; x++) {
                    vec v = load(p + x * 16);
                    store(to + x * 32, v);
                    store(to + x * 32 + 16, v);
                }
            }
        }
}

static void upsample_backward(const fx_tensor *out, const fx_tensor *in) {
    for (size_t block = 0; block < count_blocks(in->channels); block++)
        for (int y = 0; y < in->height; y++) {
            const elem *upper = interior(out, block, 2 * y), *lower = interior(out, block, 2 * y + 1);
            elem *to = interior(in, block, y);
            for (int x = 0; x < in->width; x++)
                store(
                    to + x * 16, load(upper + x * 32) + load(upper + x * 32 + 16) + load(lower + x * 32)
                        + load(lower + x * 32 + 16));
        }
}

static void max_pool(const fx_tensor *a, const fx_tensor *out) {
    const ptrdiff_t row = (ptrdiff_t)row_samples(a);
    for (size_t block = 0; block < count_blocks(a->channels); block++)
        for (int y = 0; y < out->height; y++) {
            const elem *from = interior(a, block, 2 * y);
            elem *to = interior(out, block, y);
            for (int x = 0; x < out->width; x++) {
                const elem *p = from + x * 32;
                vec most = load(p);
                for (ptrdiff_t dy = -1; dy <= 1; dy++)
                    for (ptrdiff_t dx = -1; dx <= 1; dx++) {
                        vec v = load(p + dy * row + dx * 16);
                        most = choose(v > most, v, most);
                    }
                store(to + x * 16, most);
            }
        }
}

static void max_pool_backward(const fx_tensor *out, const fx_tensor *y, const fx_tensor *a, const fx_tensor *in) {
    const ptrdiff_t row = (ptrdiff_t)row_samples(a);
    for (size_t block = 0; block < count_blocks(in->channels); block++) {
        for (int line = 0; line < in->height; line++)
            memset(interior(in, block, line), 0, (size_t)in->width * 16 * sizeof(elem));
        for (int line = 0; line < out->height; line++) {
            const elem *gradient = interior(out, block, line), *most = interior(y, block, line);
            for (int x = 0; x < out->width; x++) {
                const elem *p = interior(a, block, 2 * line) + x * 32;
                elem *to = interior(in, block, 2 * line) + x * 32;
                const vec g = load(gradient + x * 16), largest = load(most + x * 16);
                ivec open = largest == largest;  // lanes that have found no place yet
                for (int dy = -1; dy <= 1; dy++)
                    for (int dx = -1; dx <= 1; dx++) {
                        if (2 * line + dy < 0 || 2 * line + dy >= in->height || 2 * x + dx < 0 || 2 * x + dx >= in->width)
                            continue;
                        const ptrdiff_t place = dy * row + dx * 16;
                        const ivec here = (load(p + place) == largest) & open;
                        open &= ~here;
                        store(to + place, load(to + place) + choose(here, g, (vec){0}));
                    }
            }
        }
    }
}

INLINE float lanes_sum(vec v) {
    float sum = 0;
    for (int c = 0; c < 16; c++) sum += v[c];
    return sum;
}

static void group_norm(
    const fx_tensor *a, const fx_tensor *out, const float *weight, const float *bias, int groups, float *moments) {
    size_t each = count_blocks(a->channels) / (size_t)groups;
    double count = (double)each * 16 * a->height * a->width;
    for (size_t group = 0; group < (size_t)groups; group++) {
        double sum = 0, squares = 0;
        for (size_t block = group * each; block < (group + 1) * each; block++)
            for (int y = 0; y < a->height; y++) {
                const elem *p = interior(a, block, y);
                vec s = {0}, q = {0};
                for (int x = 0; x < a->width; x++) {
                    vec v = load(p + x * 16);
                    s += v;
                    q += v * v;
                }
                sum += lanes_sum(s);
                squares += lanes_sum(q);
            }
        double mean = sum / count, variance = fmax(squares / count - mean * mean, 0);
        moments[2 * group] = (float)mean;
        moments[2 * group + 1] = (float)(1 / sqrt(variance + 1e-5));
        for (size_t block = group * each; block < (group + 1) * each; block++) {
            const vec gain = load_floats(weight + block * 16) * moments[2 * group + 1];
            const vec shift = load_floats(bias + block * 16) - gain * moments[2 * group];
            for (int y = 0; y < a->height; y++) {
                const elem *p = interior(a, block, y);
                elem *to = interior(out, block, y);
                for (int x = 0; x < a->width; x++) store(to + x * 16, load(p + x * 16) * gain + shift);
            }
        }
    }
}

static void group_norm_backward(
    const fx_tensor *out, const fx_tensor *a, const fx_tensor *in, const float *weight, int groups,
    const float *moments) {
    size_t each = count_blocks(a->channels) / (size_t)groups;
    double count = (double)each * 16 * a->height * a->width;
    for (size_t group = 0; group < (size_t)groups; group++) {
        const float mean = moments[2 * group], rate = moments[2 * group + 1];
        double sum = 0, product = 0;
        for (size_t block = group * each; block < (group + 1) * each; block++) {
            const vec w = load_floats(weight + block * 16);
            for (int y = 0; y < a->height; y++) {
                const elem *p = interior(a, block, y), *g = interior(out, block, y);
                vec s = {0}, q = {0};
                for (int x = 0; x < a->width; x++) {
                    vec d = load(g + x * 16) * w;
                    s += d;
                    q += d * (load(p + x * 16) - mean);
                }
                sum += lanes_sum(s);
                product += lanes_sum(q);
            }
        }
        const float first = (float)(sum / count), second = (float)(product * rate * rate / count);
        for (size_t block = group * each; block < (group + 1) * each; block++) {
            const vec w = load_floats(weight + block * 16);
            for (int y = 0; y < a->height; y++) {
                const elem *p = interior(a, block, y), *g = interior(out, block, y);
                elem *to = interior(in, block, y);
                for (int x = 0; x < a->width; x++) {
                    vec d = load(g + x * 16) * w - first - (load(p + x * 16) - mean) * second;
                    store(to + x * 16, d * rate);
                }
            }
        }
    }
}

static void pack(const float *planes, const fx_tensor *out) {
    size_t plane = (size_t)out->height * (size_t)out->width;
    for (size_t block = 0; block < count_blocks(out->channels); block++)
        for (int y = 0; y < out->height; y++) {
            elem *to = interior(out, block, y);
            const float *from = planes + (size_t)y * (size_t)out->width;
            for (int x = 0; x < out->width; x++) {
                vec v = {0};
                for (size_t c = 0; c < 16 && block * 16 + c < (size_t)out->channels; c++)
                    v[c] = from[(block * 16 + c) * plane + (size_t)x];
                store(to + x * 16, v);
            }
        }
}

static void unpack(const fx_tensor *a, float *planes) {
    size_t plane = (size_t)a->height * (size_t)a->width;
    for (size_t block = 0; block < count_blocks(a->channels); block++)
        for (int y = 0; y < a->height; y++) {
            const elem *from = interior(a, block, y);
            float *to = planes + (size_t)y * (size_t)a->width;
            for (int x = 0; x < a->width; x++) {
                vec v = load(from + x * 16);
                for (size_t c = 0; c < 16 && block * 16 + c < (size_t)a->channels; c++)
                    to[(block * 16 + c) * plane + (size_t)x] = v[c];
            }
        }
}

static void distance(const fx_tensor *a, const fx_tensor *b, double *difference, double *base) {
    double moved = 0, length = 0;
    for (size_t block = 0; block < count_blocks(a->channels); block++) {
        const vec real = real_channels(a, block);
        for (int y = 0; y < a->height; y++) {
            const elem *p = interior(a, block, y), *q = interior(b, block, y);
            vec s = {0}, t = {0};
            for (int x = 0; x < a->width; x++) {
                vec v = load(q + x * 16), d = load(p + x * 16) - v;
                s += d * d;
                t += v * v;
            }
            moved += lanes_sum(s * real);
            length += lanes_sum(t * real);
        }
    }
    *difference = moved;
    *base = length;
}

static void difference(const fx_tensor *a, const fx_tensor *b, float factor, const fx_tensor *out) {
    for (size_t block = 0; block < count_blocks(a->channels); block++) {
        const vec real = real_channels(a, block) * factor;
        for (int y = 0; y < a->height; y++) {
            const elem *p = interior(a, block, y), *q = interior(b, block, y);
            elem *to = interior(out, block, y);
            for (int x = 0; x < a->width; x++) store(to + x * 16, (load(p + x * 16) - load(q + x * 16)) * real);
        }
    }
}
