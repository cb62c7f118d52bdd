#pragma once

// What the levels share: the shapes of one pass over a layer, and the table of functions that each level fills in.

#include "kernels.h"

#include <math.h>

/// A set of taps that together make samples of one phase: all of them, or every second one along each axis.
typedef struct {
    int taps;
    int ky[9], kx[9];
    /// Where each tap reads, in the padded source.
    int dy[9], dx[9];
    const char *weights;
} fx_phase;

struct fx_conv {
    int level, outputs, inputs, kernel, stride;
    fx_phase forward;
    fx_phase backward[4];
    int backward_count;
    /// Packed for Winograd's tiles; NULL where they never pay.
    const char *winograd_forward, *winograd_backward;
    float *bias;
    void *weights;
};

enum {
    /// Winograd's tiles are read as 6×6 samples and make 4×4.
    FX_WINOGRAD_TILE = 6,
    FX_WINOGRAD_POSITIONS = FX_WINOGRAD_TILE * FX_WINOGRAD_TILE,
    /// Floats that a batch of tiles may take: they fit into most second-level caches and a worker thread's stack.
    FX_WINOGRAD_ROOM = 1 << 16,
    /// The most channels that go through tiles; there is room for six tiles of so many.
    FX_WINOGRAD_CHANNELS = 256,
};

/// One sweep: rows × columns samples of the target, each `out_step` apart from (out_y, out_x) on.
typedef struct {
    const fx_phase *phase;
    const char *winograd;
    const float *bias;
    int rows, columns, in_step, out_step, out_y, out_x;
    float slope;
    int inputs, outputs;
    /// Signs of the target's samples: those that decide where the slope goes in, or where to write them; each may be NULL.
    const uint16_t *mask;
    uint16_t *signs;
} fx_pass;

enum { FX_DEPTHWISE_KERNEL = 5 };

/// Along one axis: which of a filter's weights count, and where each reads, from the sample's own place times the step on; in the
/// order of those places.
typedef struct {
    int count;
    int index[FX_DEPTHWISE_KERNEL], at[FX_DEPTHWISE_KERNEL];
} fx_taps;

struct fx_depthwise {
    int level, channels, kernel, stride;
    fx_taps forward;
    /// Of samples that are a multiple of the stride, and of the others.
    fx_taps backward[2];
    /// [block of channels][kernel][kernel][16]
    float *weights, *bias;
};

/// A convolution of a picture's planes; `taps` is that of 1×1 over what each sample is made from.
struct fx_stem {
    int level, stride;
    float mul, add;
    fx_conv *taps;
};

/// Where a tap of a line of three (three lines for each plane) lies in the blocks: five lines in the first, whose last lane is
/// unused, and four in the second.
static inline int fx_stem_lane(int line, int kx) { return (line < 5 ? line * 3 : 16 + (line - 5) * 3) + kx; }

enum { FX_SCALES = 6, FX_MARGIN = 16, FX_WORK_PLANES = 3, FX_RINGS = 3, FX_RING_ROWS = 16, FX_LINES = 4 };

/// Memory of planes, and where they begin in it.
typedef struct {
    float *start;
    void *memory;
    size_t bytes;
} fx_planes;

/// One scale of the visibility: the original's XYB with local moments; in the room that is lent for a look, the changed picture's
/// light and XYB and the gradient.
typedef struct {
    int width, height;
    size_t stride, plane;
    double weights[3][6];
    int similarity[3], edges[3];
    /// Those of XYB are there for channels that count, `square` where similarity does.
    float *image[3], *mean[3], *square[3], *linear[3], *changed[3], *gradient[3];
} fx_scale_planes;

/// Whether anything of a channel counts.
static inline int fx_counts(const fx_scale_planes *s, int c) { return s->similarity[c] || s->edges[c]; }

struct fx_visibility {
    int level, scales, used;
    fx_scale_planes scale[FX_SCALES];
    /// In the room: planes of the finest scale's size; the last rows of planes that are made row by row; and rows.
    float *work[FX_WORK_PLANES], *rings[FX_RINGS], *lines[FX_LINES];
    fx_planes planes;
};

/// Butteraugli's Gaussians, and how far each reaches: 2.25 σ.
enum { FX_GAUSSIANS = 5, FX_GAUSSIAN_REACH = 16 };
static const float fx_gaussian_sigmas[FX_GAUSSIANS] = {1.2f, 7.15593339443f, 3.22489901262f, 1.56416327805f, 2.7f};
static const int fx_gaussian_radii[FX_GAUSSIANS] = {2, FX_GAUSSIAN_REACH, 7, 3, 6};

/// Half of a Gaussian, and what its sums are multiplied with at each column and row, so that what lies beyond
/// the picture does not count.
typedef struct {
    float weights[FX_GAUSSIAN_REACH + 1];
    float *across, *down;
} fx_gaussian;

enum { FX_BUTTERAUGLI_WORK_PLANES = 10, FX_BUTTERAUGLI_ROWS = 4 };

/// The original as the eye answers to it, and planes in the room that is lent for a look. Planes have zeros around them, four rows
/// above and below.
struct fx_butteraugli {
    int level, width, height;
    size_t stride, plane;
    fx_gaussian gaussians[FX_GAUSSIANS];
    float *original[2], *gain[2], *adaptation[2], *mask, *low_mask;
    float *work[FX_BUTTERAUGLI_WORK_PLANES], *scratch, *row;
    fx_planes planes;
};

/// Along one axis: each sample of the result is the sum of `taps` samples of the source from `first` on, times weights
/// [count][taps].
typedef struct {
    int count, taps;
    int *first;
    float *weights;
} fx_resample_axis;

struct fx_resample {
    int level, width, height;
    fx_resample_axis down, across, down_back, across_back;
};

typedef struct {
    void (*convolve)(const fx_pass *, const fx_tensor *, const fx_tensor *);
    void (*stem_forward)(const fx_stem *, const float *, int, int, const fx_tensor *, float, uint16_t *);
    void (*stem_backward)(const fx_stem *, const fx_tensor *, float *, int, int);
    void (*depthwise_forward)(const fx_depthwise *, const fx_tensor *, const fx_tensor *, float, uint16_t *);
    void (*depthwise_backward)(
        const fx_depthwise *, const fx_tensor *, const fx_tensor *, const uint16_t *, float);
    void (*bottleneck_forward)(
        const fx_bottleneck *, const fx_tensor *, const fx_tensor *, float, uint16_t *, uint16_t *, void *);
    void (*bottleneck_backward)(
        const fx_bottleneck *, const fx_tensor *, const fx_tensor *, const uint16_t *, const uint16_t *, float, void *);
    void (*convolve_winograd)(const fx_pass *, const fx_tensor *, const fx_tensor *);
    void (*add)(const fx_tensor *, const fx_tensor *, const fx_tensor *, float, uint16_t *);
    void (*add_masked)(const fx_tensor *, const fx_tensor *, const uint16_t *, float, const fx_tensor *);
    void (*scale)(const fx_tensor *, const fx_tensor *, float, float);
    void (*tanh)(const fx_tensor *, const fx_tensor *, float);
    void (*tanh_backward)(const fx_tensor *, const fx_tensor *, const fx_tensor *, float);
    void (*upsample)(const fx_tensor *, const fx_tensor *);
    void (*upsample_backward)(const fx_tensor *, const fx_tensor *);
    void (*max_pool)(const fx_tensor *, const fx_tensor *);
    void (*max_pool_backward)(const fx_tensor *, const fx_tensor *, const fx_tensor *, const fx_tensor *);
    void (*group_norm)(const fx_tensor *, const fx_tensor *, const float *, const float *, int, float *);
    void (*group_norm_backward)(
        const fx_tensor *, const fx_tensor *, const fx_tensor *, const float *, int, const float *);
    void (*pack)(const float *, const fx_tensor *);
    void (*unpack)(const fx_tensor *, float *);
    void (*distance)(const fx_tensor *, const fx_tensor *, double *, double *);
    void (*difference)(const fx_tensor *, const fx_tensor *, float, const fx_tensor *);
    void (*visibility_reference)(fx_visibility *, const float *);
    double (*visibility)(fx_visibility *, const float *, float *);
    void (*butteraugli_reference)(fx_butteraugli *, const float *);
    double (*butteraugli)(fx_butteraugli *, const float *, float *);
    void (*resample_forward)(const fx_resample *, const float *, float *, float *);
    void (*resample_backward)(const fx_resample *, const float *, float *, float *);
    double (*squares)(const float *, size_t);
    double (*combine)(const float *, const float *, int, size_t, float *);
    void (*descend)(
        size_t, const float *, const float *, const float *, float, const float *, float, float, float *, float *);
    void (*add_moves)(const int8_t *, float, size_t, uint8_t *);
} fx_kernels;

/// The table of a level that this machine can run.
const fx_kernels *fx_kernels_of(int level);

extern const fx_kernels fx_kernels_portable;
#if defined(__x86_64__)
extern const fx_kernels fx_kernels_avx2, fx_kernels_avx512, fx_kernels_bf16;
#endif
