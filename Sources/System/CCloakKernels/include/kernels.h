#pragma once

// The arithmetic of the cloak: convolutions forward and backward, the layers around them, and a differentiable
// SSIMULACRA2. In C because Swift compiles a package for one level of the processor only, while these loops choose
// theirs when the program runs: AVX-512 with bf16, AVX-512, AVX2, or whatever the compiler's plain vectors become
// (SSE2, NEON). Everything here is single-threaded and allocates nothing but what `_new` functions say.

#include <stddef.h>
#include <stdint.h>

/// Levels, slowest first. At level 3 tensors hold bf16 (products are summed in single precision), else single precision.
enum { FX_CLOAK_PORTABLE = 0, FX_CLOAK_AVX2 = 1, FX_CLOAK_AVX512 = 2, FX_CLOAK_BF16 = 3 };

/// Whether this machine can run a level.
int fx_cloak_supports(int level);

/// Feature maps as [ceil(channels / 16)][height + 2][width + 2][16]: blocks of sixteen channels, a border of one
/// sample of zeros that no kernel writes to, unused channels of the last block zero where it matters (see each kernel).
typedef struct {
    void *data;
    int channels, height, width;
} fx_tensor;

/// Bytes of a tensor's storage; a multiple of 32.
size_t fx_tensor_bytes(int level, int channels, int height, int width);
/// Bytes of the signs of a tensor's samples: a word for each sixteen channels, laid out as the tensor is, in which the
/// lowest bit says whether the first is above zero. They are all that the way back needs of an activation.
size_t fx_signs_bytes(int channels, int height, int width);
/// Makes the border zero: what a tensor in memory that held something else needs before its first use.
void fx_tensor_clear_border(int level, const fx_tensor *tensor);

/// A convolution's weights, packed for one level; the kernels only read them, so threads may share it.
typedef struct fx_conv fx_conv;

/// Packs weights [outputs][inputs][kernel][kernel] (kernel 1 or 3, stride 1 or 2, zero padding kernel / 2) forward and
/// backward, and `bias` (may be NULL). In single precision 3×3 of stride 1 is packed for Winograd's tiles too, where
/// they can pay; they round off about as much as the direct way. NULL when memory is short.
fx_conv *fx_conv_new(int level, const float *weights, const float *bias, int outputs, int inputs, int kernel, int stride);
void fx_conv_free(fx_conv *conv);

/// out = act(conv(in)); act(v) = v > 0 ? v : slope · v, so slope 1 is none and 0 is ReLU. `signs` gets those of the output
/// where it is not NULL.
void fx_conv_forward(
    const fx_conv *conv, const fx_tensor *in, const fx_tensor *out, float slope, uint16_t *signs);
/// in = convᵀ(out), times the slope where the mask, signs of the input's samples, has no bit; without one (NULL) as it is.
void fx_conv_backward(
    const fx_conv *conv, const fx_tensor *out, const fx_tensor *in, const uint16_t *mask, float slope);

/// A convolution of a picture, read from its planes; what it gives is that of fx_conv_forward on them after fx_pack and fx_scale.
typedef struct fx_stem fx_stem;

/// Packs weights [outputs][3][3][3] (stride 1 or 2, zero padding 1) and `bias` (may be NULL) for samples that become
/// mul · v + add before the convolution. NULL when memory is short.
fx_stem *fx_stem_new(int level, const float *weights, const float *bias, int outputs, int stride, float mul, float add);
void fx_stem_free(fx_stem *stem);
/// out = act(conv(mul · planes + add)); `planes` are three of single precision.
void fx_stem_forward(
    const fx_stem *stem, const float *planes, int height, int width, const fx_tensor *out, float slope,
    uint16_t *signs);
/// The gradient by the planes.
void fx_stem_backward(const fx_stem *stem, const fx_tensor *out, float *planes, int height, int width);

/// A depthwise convolution: one filter for each channel.
typedef struct fx_depthwise fx_depthwise;

/// Packs weights [channels][kernel][kernel] (kernel 3 or 5, stride 1 or 2, zero padding kernel / 2), and `bias` (may be NULL). NULL
/// when memory is short.
fx_depthwise *fx_depthwise_new(
    int level, const float *weights, const float *bias, int channels, int kernel, int stride);
void fx_depthwise_free(fx_depthwise *conv);
/// As fx_conv_forward and fx_conv_backward.
void fx_depthwise_forward(
    const fx_depthwise *conv, const fx_tensor *in, const fx_tensor *out, float slope, uint16_t *signs);
void fx_depthwise_backward(
    const fx_depthwise *conv, const fx_tensor *out, const fx_tensor *in, const uint16_t *mask, float slope);

/// A convolution of 1×1 (or none), a depthwise one and another of 1×1, each of stride 1 but the depthwise one, with the
/// slopes of the activations after the first two.
typedef struct {
    const fx_conv *expand;
    const fx_depthwise *depth;
    const fx_conv *project;
    float expand_slope, depth_slope;
} fx_bottleneck;

/// Bytes of the signs of the inner activations, for a source of this size, and of the room to work in.
size_t fx_bottleneck_signs_bytes(const fx_bottleneck *bottleneck, int height, int width);
size_t fx_bottleneck_room_bytes(const fx_bottleneck *bottleneck, int width);
/// What the three layers one after the other give; `own` gets the signs of the inner activations where it is not NULL.
void fx_bottleneck_forward(
    const fx_bottleneck *bottleneck, const fx_tensor *in, const fx_tensor *out, float slope, uint16_t *own,
    uint16_t *signs, void *room);
void fx_bottleneck_backward(
    const fx_bottleneck *bottleneck, const fx_tensor *out, const fx_tensor *in, const uint16_t *own,
    const uint16_t *mask, float slope, void *room);

/// out = act(a + b).
void fx_add(
    int level, const fx_tensor *a, const fx_tensor *b, const fx_tensor *out, float slope, uint16_t *signs);
/// out = act(a); `out` may be `a`.
void fx_activate(int level, const fx_tensor *a, const fx_tensor *out, float slope, uint16_t *signs);
/// out = a + b, times the slope where the mask has no bit; `b` and `mask` may be NULL, `out` may be `a`.
void fx_add_masked(
    int level, const fx_tensor *a, const fx_tensor *b, const uint16_t *mask, float slope, const fx_tensor *out);
/// out = mul · a + add in the real channels; the backward pass is the same with add 0.
void fx_scale(int level, const fx_tensor *a, const fx_tensor *out, float mul, float add);
/// out = limit · tanh(a / limit).
void fx_tanh(int level, const fx_tensor *a, const fx_tensor *out, float limit);
/// in = out · (1 − (y / limit)²), `y` being what fx_tanh gave.
void fx_tanh_backward(int level, const fx_tensor *out, const fx_tensor *y, const fx_tensor *in, float limit);
/// Every sample becomes four.
void fx_upsample(int level, const fx_tensor *a, const fx_tensor *out);
void fx_upsample_backward(int level, const fx_tensor *out, const fx_tensor *in);
/// out = the largest of 3×3 around every second sample along each axis. What lies outside counts as 0, so this is the usual
/// pooling where nothing is negative.
void fx_max_pool(int level, const fx_tensor *a, const fx_tensor *out);
/// Each sample's gradient goes to the first place of its 3×3 that holds the largest value, `y` being what fx_max_pool gave.
void fx_max_pool_backward(
    int level, const fx_tensor *out, const fx_tensor *y, const fx_tensor *a, const fx_tensor *in);
/// Group normalisation over the tensor's extent (ε = 1e-5); channels / groups is a multiple of 16. `moments` gets mean
/// and reciprocal deviation of each group.
void fx_group_norm(
    int level, const fx_tensor *a, const fx_tensor *out, const float *weight, const float *bias, int groups,
    float *moments);
void fx_group_norm_backward(
    int level, const fx_tensor *out, const fx_tensor *a, const fx_tensor *in, const float *weight, int groups,
    const float *moments);

/// Planes of single precision (channels × height × width) into a tensor and back; unused channels become zero.
void fx_pack(int level, const float *planes, const fx_tensor *out);
void fx_unpack(int level, const fx_tensor *a, float *planes);
/// Σ (a − b)² and Σ b² over the real channels.
void fx_distance(int level, const fx_tensor *a, const fx_tensor *b, double *difference, double *base);
/// out = factor · (a − b); zero in unused channels.
void fx_difference(int level, const fx_tensor *a, const fx_tensor *b, float factor, const fx_tensor *out);

/// The original's side of SSIMULACRA2: about 18 bytes a pixel.
typedef struct fx_visibility fx_visibility;

/// - width, height: at least 8.
/// - weights: [3][scales][6] as published: mean and then 4-norm of dissimilarity, added edges, lost edges. Terms whose
///   weight is below 0.01 are left out: together they move a score by less than 0.05.
/// NULL when memory is short.
fx_visibility *fx_visibility_new(int level, int width, int height, const double *weights, int scales);
void fx_visibility_free(fx_visibility *visibility);
/// Floats of the room that a look needs to work in, about 14 a pixel: whatever is there, and nothing stays there.
size_t fx_visibility_room(const fx_visibility *visibility);
/// Takes the original: three planes, sRGB 0…1.
void fx_visibility_start(fx_visibility *visibility, const float *rgb, float *room);
/// The score of a changed picture, and its gradient by each sample where `gradient` is not NULL (three planes).
double fx_visibility_score(fx_visibility *visibility, const float *rgb, float *gradient, float *room);

/// The original's side of butteraugli as far as a descent needs it: about 34 bytes a pixel.
typedef struct fx_butteraugli fx_butteraugli;

/// The width is a multiple of 16. NULL when memory is short.
fx_butteraugli *fx_butteraugli_new(int level, int width, int height);
void fx_butteraugli_free(fx_butteraugli *butteraugli);
/// As `fx_visibility_room`, about 12 a pixel.
size_t fx_butteraugli_room(const fx_butteraugli *butteraugli);
/// Takes the original: three planes, sRGB 0…1.
void fx_butteraugli_start(fx_butteraugli *butteraugli, const float *rgb, float *room);
/// The 3-norm of a changed picture, about (luma alone, small changes), and its gradient by each sample where `gradient` is not
/// NULL (three planes).
double fx_butteraugli_norm(fx_butteraugli *butteraugli, const float *rgb, float *gradient, float *room);

/// A picture in another size, with a way back for gradients.
typedef struct fx_resample fx_resample;

/// Triangular weights, widened by the factor where the picture becomes smaller (bilinear, without aliasing).
///
/// - width, height, new_width, new_height: multiples of 16; the new ones at least a quarter of the others.
/// NULL when memory is short.
fx_resample *fx_resample_new(int level, int width, int height, int new_width, int new_height);
void fx_resample_free(fx_resample *resample);
/// Floats of the room that both ways need to work in.
size_t fx_resample_room(const fx_resample *resample);
/// Three planes of each size.
void fx_resample_forward(const fx_resample *resample, const float *in, float *out, float *room);
/// Turns a gradient by the new size into one by the old one.
void fx_resample_backward(const fx_resample *resample, const float *gradient, float *out, float *room);

/// Σ v²; `count` is a multiple of 16 here and below.
double fx_squares(int level, const float *values, size_t count);
/// out = Σ factors[p] · parts[p · count …], and the sum of its squares.
double fx_combine(int level, const float *parts, const float *factors, int number, size_t count, float *out);

/// One step of the descent on a tile of `count` pixels, three planes each of everything but `bounds`:
/// change += rate · bounds · sign(gradient · gradient_factor + sight − color · (change − its luma) ÷ bounds), held within
/// ±bounds; changed = original + change, held within 0…1.
void fx_descend(
    int level, size_t count, const float *original, const float *bounds, const float *gradient, float gradient_factor,
    const float *sight, float color, float rate, float *change, float *changed);

/// pixels += unit · moves, rounded half up and held within a byte; any count.
void fx_add_moves(int level, const int8_t *moves, float unit, size_t count, uint8_t *pixels);

/// to += values · weights · scale for `count` samples, rounded and held within ±120; `step` bytes lie between those of `to`.
void fx_add_row(const float *values, const float *weights, float scale, int count, int8_t *to, int step);
