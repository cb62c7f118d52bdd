// Chooses the level of each call and packs weights; the loops are in layers.h, stem.h, depthwise.h, bottleneck.h and
// winograd.h, compiled per level.

#include "levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int fx_cloak_supports(int level) {
    switch (level) {
    case FX_CLOAK_PORTABLE: return 1;
#if defined(__x86_64__)
    case FX_CLOAK_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case FX_CLOAK_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    case FX_CLOAK_BF16: return fx_cloak_supports(FX_CLOAK_AVX512) && __builtin_cpu_supports("avx512bf16");
#endif
    default: return 0;
    }
}

const fx_kernels *fx_kernels_of(int level) {
    switch (level) {
#if defined(__x86_64__)
    case FX_CLOAK_AVX2: return &fx_kernels_avx2;
    case FX_CLOAK_AVX512: return &fx_kernels_avx512;
    case FX_CLOAK_BF16: return &fx_kernels_bf16;
#endif
    default: return &fx_kernels_portable;
    }
}

static size_t blocks(int channels) { return ((size_t)channels + 15) / 16; }

size_t fx_tensor_bytes(int level, int channels, int height, int width) {
    size_t samples = blocks(channels) * (size_t)(height + 2) * (size_t)(width + 2) * 16;
    return samples * (level == FX_CLOAK_BF16 ? 2 : 4);
}

size_t fx_signs_bytes(int channels, int height, int width) {
    return blocks(channels) * (size_t)(height + 2) * (size_t)(width + 2) * sizeof(uint16_t);
}

void fx_tensor_clear_border(int level, const fx_tensor *tensor) {
    size_t sample = 16 * (level == FX_CLOAK_BF16 ? 2 : 4), row = (size_t)(tensor->width + 2) * sample;
    for (size_t block = 0; block < blocks(tensor->channels); block++) {
        char *first = (char *)tensor->data + block * (size_t)(tensor->height + 2) * row;
        memset(first, 0, row);
        for (int y = 1; y <= tensor->height; y++) {
            memset(first + (size_t)y * row, 0, sample);
            memset(first + (size_t)(y + 1) * row - sample, 0, sample);
        }
        memset(first + (size_t)(tensor->height + 1) * row, 0, row);
    }
}

/// Round to nearest even, as the processor's own conversion does.
static uint16_t bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return (uint16_t)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

/// The weights of one direction: `outputs` and `inputs` are its own, so backward they are those of the layer swapped.
typedef struct {
    const float *weights;
    int outputs, inputs, kernel, transposed;
} direction;

/// Zero in the channels that only fill a block.
static float weight_at(const direction *d, int to, int from, int ky, int kx) {
    if (to >= d->outputs || from >= d->inputs) return 0;
    size_t first = d->transposed ? from : to, second = d->transposed ? to : from;
    size_t width = d->transposed ? (size_t)d->outputs : (size_t)d->inputs;
    return d->weights[((first * width + second) * d->kernel + ky) * d->kernel + kx];
}

/// Packs one phase: for each block of outputs, block of inputs and tap a matrix of 16 × 16, inputs first.
static char *pack(char *target, int level, const direction *d, const fx_phase *phase) {
    for (size_t o = 0; o < blocks(d->outputs); o++)
        for (size_t i = 0; i < blocks(d->inputs); i++)
            for (int tap = 0; tap < phase->taps; tap++)
                for (int c = 0; c < 16; c++)
                    for (int lane = 0; lane < 16; lane++) {
                        float value = weight_at(d, (int)o * 16 + lane, (int)i * 16 + c, phase->ky[tap], phase->kx[tap]);
                        size_t matrix = ((o * blocks(d->inputs) + i) * (size_t)phase->taps + (size_t)tap) * 256;
                        if (level == FX_CLOAK_BF16) {
                            ((uint16_t *)target)[matrix + (size_t)(c / 2 * 32 + lane * 2 + c % 2)] = bf16(value);
                        } else {
                            ((float *)target)[matrix + (size_t)(c * 16 + lane)] = value;
                        }
                    }
    size_t count = blocks(d->outputs) * blocks(d->inputs) * (size_t)phase->taps * 256;
    return target + count * (level == FX_CLOAK_BF16 ? 2 : 4);
}

/// Packs U = G g Gᵀ for Winograd's tiles: for each block of outputs, position and block of inputs a matrix of 16 × 16,
/// inputs first. The points are those of winograd.h.
static char *pack_winograd(char *target, const direction *d, const fx_phase *phase) {
    const double root = sqrt(2);
    const double g[FX_WINOGRAD_TILE][3] = {
        {1, 0, 0}, {-2. / 3, -root / 3, -1. / 3}, {-2. / 3, root / 3, -1. / 3},
        {1. / 6, root / 6, 1. / 3}, {1. / 6, -root / 6, 1. / 3}, {0, 0, 1},
    };
    for (int to = 0; to < (int)blocks(d->outputs) * 16; to++)
        for (int from = 0; from < (int)blocks(d->inputs) * 16; from++) {
            double half[FX_WINOGRAD_TILE][3] = {{0}};
            for (int tap = 0; tap < phase->taps; tap++) {
                double value = weight_at(d, to, from, phase->ky[tap], phase->kx[tap]);
                for (int y = 0; y < FX_WINOGRAD_TILE; y++) half[y][phase->dx[tap]] += g[y][phase->dy[tap]] * value;
            }
            for (int position = 0; position < FX_WINOGRAD_POSITIONS; position++) {
                const double *row = half[position / FX_WINOGRAD_TILE], *column = g[position % FX_WINOGRAD_TILE];
                size_t matrix = (size_t)(to / 16) * FX_WINOGRAD_POSITIONS + (size_t)position;
                matrix = matrix * blocks(d->inputs) + (size_t)(from / 16);
                ((float *)target)[matrix * 256 + (size_t)(from % 16 * 16 + to % 16)] =
                    (float)(row[0] * column[0] + row[1] * column[1] + row[2] * column[2]);
            }
        }
    return target + blocks(d->outputs) * blocks(d->inputs) * FX_WINOGRAD_POSITIONS * 256 * sizeof(float);
}

static void add_tap(fx_phase *phase, int ky, int kx, int dy, int dx) {
    int tap = phase->taps++;
    phase->ky[tap] = ky;
    phase->kx[tap] = kx;
    phase->dy[tap] = dy;
    phase->dx[tap] = dx;
}

/// Which taps reach a sample of the input: positions dy, dx are in the padded output.
static void backward_phases(fx_conv *conv) {
    int k = conv->kernel, s = conv->stride;
    conv->backward_count = s * s;
    for (int py = 0; py < s; py++)
        for (int px = 0; px < s; px++) {
            fx_phase *phase = &conv->backward[py * s + px];
            for (int ky = 0; ky < k; ky++)
                for (int kx = 0; kx < k; kx++) {
                    int y = py + k / 2 - ky, x = px + k / 2 - kx;
                    if ((y & (s - 1)) == 0 && (x & (s - 1)) == 0) add_tap(phase, ky, kx, y / s + 1, x / s + 1);
                }
        }
}

/// Whether Winograd's tiles can pay in one direction: with fewer inputs the transforms cost more than they save, and
/// with more channels the packed weights would be too much memory, four times that of the direct ones.
static int has_winograd(const fx_conv *conv, int inputs, int outputs) {
    return conv->level != FX_CLOAK_BF16 && conv->kernel == 3 && conv->stride == 1 && inputs >= 12
        && inputs <= FX_WINOGRAD_CHANNELS && outputs <= FX_WINOGRAD_CHANNELS;
}

/// Whether they pay on a map: enough of them to share the reading of weights, two thirds of what they make inside.
/// Measured with AVX2: from there on they are 1.1 to 3.5 times as fast as the direct way.
static int winograd_pays(const fx_pass *pass) {
    int tiles = ((pass->rows + 3) / 4) * ((pass->columns + 3) / 4);
    return pass->winograd && tiles >= 16 && pass->rows * pass->columns * 3 >= tiles * 16 * 2;
}

fx_conv *fx_conv_new(int level, const float *weights, const float *bias, int outputs, int inputs, int kernel, int stride) {
    fx_conv *conv = calloc(1, sizeof *conv);
    if (!conv) return NULL;
    conv->level = level;
    conv->outputs = outputs;
    conv->inputs = inputs;
    conv->kernel = kernel;
    conv->stride = stride;
    for (int ky = 0; ky < kernel; ky++)
        for (int kx = 0; kx < kernel; kx++)
            add_tap(&conv->forward, ky, kx, ky + 1 - kernel / 2, kx + 1 - kernel / 2);
    backward_phases(conv);
    int tiles_forward = has_winograd(conv, inputs, outputs), tiles_backward = has_winograd(conv, outputs, inputs);
    size_t matrices = blocks(outputs) * blocks(inputs);
    size_t bytes = 2 * matrices * (size_t)(kernel * kernel) * 256 * (level == FX_CLOAK_BF16 ? 2 : 4);
    bytes += (size_t)(tiles_forward + tiles_backward) * matrices * FX_WINOGRAD_POSITIONS * 256 * sizeof(float);
    void *memory = NULL;
    if (posix_memalign(&memory, 64, bytes + 64) != 0) memory = NULL;
    conv->bias = calloc(blocks(outputs) * 16, sizeof(float));
    if (!memory || !conv->bias) {
        free(memory);
        free(conv->bias);
        free(conv);
        return NULL;
    }
    conv->weights = memory;
    if (bias) memcpy(conv->bias, bias, (size_t)outputs * sizeof(float));
    char *next = memory;
    const direction forward = {weights, outputs, inputs, kernel, 0}, backward = {weights, inputs, outputs, kernel, 1};
    conv->forward.weights = next;
    next = pack(next, level, &forward, &conv->forward);
    for (int phase = 0; phase < conv->backward_count; phase++) {
        conv->backward[phase].weights = next;
        next = pack(next, level, &backward, &conv->backward[phase]);
    }
    if (tiles_forward) {
        conv->winograd_forward = next;
        next = pack_winograd(next, &forward, &conv->forward);
    }
    if (tiles_backward) {
        conv->winograd_backward = next;
        pack_winograd(next, &backward, &conv->backward[0]);
    }
    return conv;
}

void fx_conv_free(fx_conv *conv) {
    if (!conv) return;
    free(conv->weights);
    free(conv->bias);
    free(conv);
}

static void convolve(const fx_conv *conv, const fx_pass *pass, const fx_tensor *in, const fx_tensor *out) {
    const fx_kernels *functions = fx_kernels_of(conv->level);
    (winograd_pays(pass) ? functions->convolve_winograd : functions->convolve)(pass, in, out);
}

void fx_conv_forward(
    const fx_conv *conv, const fx_tensor *in, const fx_tensor *out, float slope, uint16_t *signs) {
    fx_pass pass = {
        .phase = &conv->forward, .bias = conv->bias, .rows = out->height, .columns = out->width, .in_step = conv->stride,
        .out_step = 1, .slope = slope, .inputs = conv->inputs, .outputs = conv->outputs,
        .winograd = conv->winograd_forward, .signs = signs,
    };
    convolve(conv, &pass, in, out);
}

void fx_conv_backward(
    const fx_conv *conv, const fx_tensor *out, const fx_tensor *in, const uint16_t *mask, float slope) {
    int s = conv->stride;
    for (int phase = 0; phase < conv->backward_count; phase++) {
        int py = phase / s, px = phase % s;
        fx_pass pass = {
            .phase = &conv->backward[phase], .rows = (in->height - py + s - 1) / s,
            .columns = (in->width - px + s - 1) / s, .in_step = 1, .out_step = s, .out_y = py, .out_x = px,
            .slope = mask ? slope : 1, .inputs = conv->outputs, .outputs = conv->inputs,
            .winograd = conv->winograd_backward, .mask = mask,
        };
        if (pass.rows > 0 && pass.columns > 0) convolve(conv, &pass, out, in);
    }
}

fx_stem *fx_stem_new(int level, const float *weights, const float *bias, int outputs, int stride, float mul, float add) {
    enum { LINES = 9, LANES = 28 };
    fx_stem *stem = calloc(1, sizeof *stem);
    float *spread = calloc((size_t)outputs * LANES, sizeof(float));
    if (stem && spread) {
        for (int output = 0; output < outputs; output++)
            for (int line = 0; line < LINES; line++)
                for (int kx = 0; kx < 3; kx++)
                    spread[output * LANES + fx_stem_lane(line, kx)] = weights[(output * LINES + line) * 3 + kx];
        *stem = (fx_stem){.level = level, .stride = stride, .mul = mul, .add = add};
        stem->taps = fx_conv_new(level, spread, bias, outputs, LANES, 1, 1);
    }
    free(spread);
    if (stem && stem->taps) return stem;
    free(stem);
    return NULL;
}

void fx_stem_free(fx_stem *stem) {
    if (!stem) return;
    fx_conv_free(stem->taps);
    free(stem);
}

void fx_stem_forward(
    const fx_stem *stem, const float *planes, int height, int width, const fx_tensor *out, float slope,
    uint16_t *signs) {
    fx_kernels_of(stem->level)->stem_forward(stem, planes, height, width, out, slope, signs);
}

void fx_stem_backward(const fx_stem *stem, const fx_tensor *out, float *planes, int height, int width) {
    fx_kernels_of(stem->level)->stem_backward(stem, out, planes, height, width);
}

/// Which weights reach a sample, `phase` samples after a multiple of the stride on the way back.
static fx_taps depthwise_taps(int kernel, int stride, int is_backward, int phase) {
    fx_taps taps = {0};
    for (int i = 0; i < kernel; i++) {
        int index = is_backward ? kernel - 1 - i : i;
        int at = is_backward ? phase + kernel / 2 - index : index - kernel / 2;
        if (is_backward && at % stride != 0) continue;
        taps.index[taps.count] = index;
        taps.at[taps.count++] = is_backward ? at / stride : at;
    }
    return taps;
}

fx_depthwise *fx_depthwise_new(
    int level, const float *weights, const float *bias, int channels, int kernel, int stride) {
    fx_depthwise *conv = calloc(1, sizeof *conv);
    if (!conv) return NULL;
    size_t taps = (size_t)(kernel * kernel), padded = blocks(channels) * 16;
    conv->weights = calloc((taps + 1) * padded, sizeof(float));
    if (!conv->weights) {
        free(conv);
        return NULL;
    }
    conv->level = level;
    conv->channels = channels;
    conv->kernel = kernel;
    conv->stride = stride;
    conv->forward = depthwise_taps(kernel, stride, 0, 0);
    for (int phase = 0; phase < stride; phase++) conv->backward[phase] = depthwise_taps(kernel, stride, 1, phase);
    for (size_t channel = 0; channel < (size_t)channels; channel++)
        for (size_t tap = 0; tap < taps; tap++)
            conv->weights[(channel / 16 * taps + tap) * 16 + channel % 16] = weights[channel * taps + tap];
    conv->bias = conv->weights + taps * padded;
    if (bias) memcpy(conv->bias, bias, (size_t)channels * sizeof(float));
    return conv;
}

void fx_depthwise_free(fx_depthwise *conv) {
    if (!conv) return;
    free(conv->weights);
    free(conv);
}

void fx_depthwise_forward(
    const fx_depthwise *conv, const fx_tensor *in, const fx_tensor *out, float slope, uint16_t *signs) {
    fx_kernels_of(conv->level)->depthwise_forward(conv, in, out, slope, signs);
}

void fx_depthwise_backward(
    const fx_depthwise *conv, const fx_tensor *out, const fx_tensor *in, const uint16_t *mask, float slope) {
    fx_kernels_of(conv->level)->depthwise_backward(conv, out, in, mask, slope);
}

size_t fx_bottleneck_signs_bytes(const fx_bottleneck *b, int height, int width) {
    const int stride = b->depth->stride, high = (height + stride - 1) / stride, wide = (width + stride - 1) / stride;
    size_t words = (size_t)high * (size_t)(wide + 2);
    if (b->expand) words += (size_t)height * (size_t)(width + 2);
    return words * blocks(b->depth->channels) * sizeof(uint16_t);
}

size_t fx_bottleneck_room_bytes(const fx_bottleneck *b, int width) {
    // A row for each of the filter's, and one for what they become.
    const size_t samples = (size_t)(b->depth->kernel + 1) * blocks(b->depth->channels) * (size_t)(width + 2) * 16;
    return samples * (b->depth->level == FX_CLOAK_BF16 ? 2 : 4);
}

void fx_bottleneck_forward(
    const fx_bottleneck *b, const fx_tensor *in, const fx_tensor *out, float slope, uint16_t *own, uint16_t *signs,
    void *room) {
    fx_kernels_of(b->depth->level)->bottleneck_forward(b, in, out, slope, own, signs, room);
}

void fx_bottleneck_backward(
    const fx_bottleneck *b, const fx_tensor *out, const fx_tensor *in, const uint16_t *own, const uint16_t *mask,
    float slope, void *room) {
    fx_kernels_of(b->depth->level)->bottleneck_backward(b, out, in, own, mask, mask ? slope : 1, room);
}

void fx_add(
    int level, const fx_tensor *a, const fx_tensor *b, const fx_tensor *out, float slope, uint16_t *signs) {
    fx_kernels_of(level)->add(a, b, out, slope, signs);
}

void fx_activate(int level, const fx_tensor *a, const fx_tensor *out, float slope, uint16_t *signs) {
    fx_kernels_of(level)->add(a, NULL, out, slope, signs);
}

void fx_add_masked(
    int level, const fx_tensor *a, const fx_tensor *b, const uint16_t *mask, float slope, const fx_tensor *out) {
    fx_kernels_of(level)->add_masked(a, b, mask, slope, out);
}

void fx_scale(int level, const fx_tensor *a, const fx_tensor *out, float mul, float add) {
    fx_kernels_of(level)->scale(a, out, mul, add);
}

void fx_tanh(int level, const fx_tensor *a, const fx_tensor *out, float limit) {
    fx_kernels_of(level)->tanh(a, out, limit);
}

void fx_tanh_backward(int level, const fx_tensor *out, const fx_tensor *y, const fx_tensor *in, float limit) {
    fx_kernels_of(level)->tanh_backward(out, y, in, limit);
}

void fx_upsample(int level, const fx_tensor *a, const fx_tensor *out) { fx_kernels_of(level)->upsample(a, out); }

void fx_upsample_backward(int level, const fx_tensor *out, const fx_tensor *in) {
    fx_kernels_of(level)->upsample_backward(out, in);
}

void fx_max_pool(int level, const fx_tensor *a, const fx_tensor *out) { fx_kernels_of(level)->max_pool(a, out); }

void fx_max_pool_backward(
    int level, const fx_tensor *out, const fx_tensor *y, const fx_tensor *a, const fx_tensor *in) {
    fx_kernels_of(level)->max_pool_backward(out, y, a, in);
}

void fx_group_norm(
    int level, const fx_tensor *a, const fx_tensor *out, const float *weight, const float *bias, int groups,
    float *moments) {
    fx_kernels_of(level)->group_norm(a, out, weight, bias, groups, moments);
}

void fx_group_norm_backward(
    int level, const fx_tensor *out, const fx_tensor *a, const fx_tensor *in, const float *weight, int groups,
    const float *moments) {
    fx_kernels_of(level)->group_norm_backward(out, a, in, weight, groups, moments);
}

void fx_pack(int level, const float *planes, const fx_tensor *out) { fx_kernels_of(level)->pack(planes, out); }

void fx_unpack(int level, const fx_tensor *a, float *planes) { fx_kernels_of(level)->unpack(a, planes); }

void fx_distance(int level, const fx_tensor *a, const fx_tensor *b, double *difference, double *base) {
    fx_kernels_of(level)->distance(a, b, difference, base);
}

void fx_difference(int level, const fx_tensor *a, const fx_tensor *b, float factor, const fx_tensor *out) {
    fx_kernels_of(level)->difference(a, b, factor, out);
}
