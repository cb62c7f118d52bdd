// Room for what looks at whole planes: the measures of visibility, other sizes, and the descent's sweeps. The loops are in
// visibility.h, butteraugli.h, resample.h and descent.h, compiled per level.

#include "levels.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/// Zeros for planes; `start` is NULL when memory is short. They come from the system, so that what is not written is never
/// touched, in large pages where there are some: the first touch of each small page costs more than what is written there.
static fx_planes new_planes(size_t floats) {
    const size_t page = (size_t)2 << 20;
    fx_planes planes = {0};
    planes.bytes = floats * sizeof(float) + page;
    void *memory = mmap(NULL, planes.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return planes;
    planes.memory = memory;
    planes.start = (float *)(((uintptr_t)memory + page - 1) / page * page);
#ifdef MADV_HUGEPAGE
    if (floats * sizeof(float) >= 2 * page) madvise(planes.start, floats * sizeof(float) / page * page, MADV_HUGEPAGE);
#endif
    return planes;
}

static void free_planes(fx_planes planes) {
    if (planes.memory) munmap(planes.memory, planes.bytes);
}

/// The weight of a sample in one that lies at `center`.
static double triangle(int sample, double center, double reach) { return fmax(0, 1 - fabs(sample - center) / reach); }

/// Answers 0 when memory is short.
static int new_axis(fx_resample_axis *axis, int from, int to) {
    const double factor = (double)from / to, reach = factor > 1 ? factor : 1;
    axis->count = to;
    axis->first = calloc((size_t)to, sizeof *axis->first);
    if (!axis->first) return 0;
    // No more taps than some sample has weights above zero.
    axis->taps = 1;
    for (int i = 0; i < to; i++) {
        const double center = (i + 0.5) * factor - 0.5;
        int first = (int)floor(center - reach) + 1, last = (int)ceil(center + reach) - 1;
        first = first < 0 ? 0 : first;
        last = last > from - 1 ? from - 1 : last;
        axis->first[i] = first;
        if (last - first + 1 > axis->taps) axis->taps = last - first + 1;
    }
    axis->weights = calloc((size_t)to * (size_t)axis->taps, sizeof *axis->weights);
    if (!axis->weights) return 0;
    for (int i = 0; i < to; i++) {
        const double center = (i + 0.5) * factor - 0.5;
        if (axis->first[i] > from - axis->taps) axis->first[i] = from - axis->taps;
        double sum = 0;
        for (int t = 0; t < axis->taps; t++) sum += triangle(axis->first[i] + t, center, reach);
        for (int t = 0; t < axis->taps; t++)
            axis->weights[i * axis->taps + t] = (float)(triangle(axis->first[i] + t, center, reach) / sum);
    }
    return 1;
}

/// The same weights from the other side. Answers 0 when memory is short.
static int transpose_axis(const fx_resample_axis *axis, int from, fx_resample_axis *back) {
    // Which samples of the result read a sample lie side by side; those in which it counts nothing are left out.
    int *last = calloc((size_t)from, sizeof *last);
    back->count = from;
    back->first = calloc((size_t)from, sizeof *back->first);
    if (!last || !back->first) {
        free(last);
        return 0;
    }
    for (int j = 0; j < from; j++) back->first[j] = axis->count;
    for (int i = 0; i < axis->count; i++)
        for (int t = 0; t < axis->taps; t++) {
            const int j = axis->first[i] + t;
            if (axis->weights[i * axis->taps + t] == 0) continue;
            if (i < back->first[j]) back->first[j] = i;
            if (i > last[j]) last[j] = i;
        }
    back->taps = 1;
    for (int j = 0; j < from; j++)
        if (last[j] - back->first[j] + 1 > back->taps) back->taps = last[j] - back->first[j] + 1;
    free(last);
    back->weights = calloc((size_t)from * (size_t)back->taps, sizeof *back->weights);
    if (!back->weights) return 0;
    for (int j = 0; j < from; j++)
        if (back->first[j] > axis->count - back->taps) back->first[j] = axis->count - back->taps;
    for (int i = 0; i < axis->count; i++)
        for (int t = 0; t < axis->taps; t++) {
            const float weight = axis->weights[i * axis->taps + t];
            const int j = axis->first[i] + t;
            if (weight != 0) back->weights[j * back->taps + i - back->first[j]] = weight;
        }
    return 1;
}

void fx_resample_free(fx_resample *resample) {
    if (!resample) return;
    fx_resample_axis *axes[] = {&resample->down, &resample->across, &resample->down_back, &resample->across_back};
    for (int i = 0; i < 4; i++) {
        free(axes[i]->first);
        free(axes[i]->weights);
    }
    free(resample);
}

fx_resample *fx_resample_new(int level, int width, int height, int new_width, int new_height) {
    fx_resample *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->level = level;
    r->width = width;
    r->height = height;
    if (!new_axis(&r->down, height, new_height) || !new_axis(&r->across, width, new_width) ||
        !transpose_axis(&r->down, height, &r->down_back) || !transpose_axis(&r->across, width, &r->across_back)) {
        fx_resample_free(r);
        return NULL;
    }
    return r;
}

size_t fx_resample_room(const fx_resample *r) {
    // A plane between the axes, which has one old and one new side, and sixteen of its rows or of the source's.
    const size_t wide = (size_t)(r->width > r->across.count ? r->width : r->across.count);
    const size_t high = (size_t)(r->height > r->down.count ? r->height : r->down.count);
    return wide * high + 16 * ((wide > high ? wide : high) + 16);
}

void fx_resample_forward(const fx_resample *resample, const float *in, float *out, float *room) {
    fx_kernels_of(resample->level)->resample_forward(resample, in, out, room);
}

void fx_resample_backward(const fx_resample *resample, const float *gradient, float *out, float *room) {
    fx_kernels_of(resample->level)->resample_backward(resample, gradient, out, room);
}

double fx_squares(int level, const float *values, size_t count) { return fx_kernels_of(level)->squares(values, count); }

double fx_combine(int level, const float *parts, const float *factors, int number, size_t count, float *out) {
    return fx_kernels_of(level)->combine(parts, factors, number, count, out);
}

void fx_descend(
    int level, size_t count, const float *original, const float *bounds, const float *gradient, float gradient_factor,
    const float *sight, float color, float rate, float *change, float *changed) {
    fx_kernels_of(level)->descend(
        count, original, bounds, gradient, gradient_factor, sight, color, rate, change, changed);
}

void fx_add_row(const float *values, const float *weights, float scale, int count, int8_t *to, int step) {
    for (int i = 0; i < count; i++) {
        const float value = values[i] * (weights[i] * scale);
        const int whole = (int)(value < 0 ? value - 0.5f : value + 0.5f);
        to[i * step] = (int8_t)(to[i * step] + (whole < -120 ? -120 : whole > 120 ? 120 : whole));
    }
}

void fx_add_moves(int level, const int8_t *moves, float unit, size_t count, uint8_t *pixels) {
    fx_kernels_of(level)->add_moves(moves, unit, count, pixels);
}

/// Planes of the original, of channels that count.
static size_t kept_planes(const fx_scale_planes *s) {
    size_t number = 0;
    for (int c = 0; c < 3; c++) number += fx_counts(s, c) ? s->similarity[c] ? 3 : 2 : 0;
    return number;
}

/// Planes of a look: light and gradient of every channel, XYB of those that count.
static size_t room_planes(const fx_scale_planes *s) {
    return (size_t)(6 + fx_counts(s, 0) + fx_counts(s, 1) + fx_counts(s, 2));
}

void fx_visibility_free(fx_visibility *visibility) {
    if (!visibility) return;
    free_planes(visibility->planes);
    free(visibility);
}

/// A plane of a scale, which has one row of margin above and below and FX_MARGIN samples before and after each row.
static float *next_plane(const fx_scale_planes *s, float **next) {
    float *plane = *next + s->stride + FX_MARGIN;
    *next += s->plane;
    return plane;
}

fx_visibility *fx_visibility_new(int level, int width, int height, const double *weights, int scales) {
    fx_visibility *v = calloc(1, sizeof *v);
    if (!v || width < 8 || height < 8 || scales < 1 || scales > FX_SCALES) {
        free(v);
        return NULL;
    }
    v->level = level;
    v->scales = scales;
    size_t total = 0;
    for (int k = 0; k < scales; k++) {
        fx_scale_planes *s = &v->scale[k];
        s->width = width;
        s->height = height;
        s->stride = (size_t)(width + 15) / 16 * 16 + 2 * FX_MARGIN;
        s->plane = s->stride * (size_t)(height + 2);
        for (int c = 0; c < 3; c++) {
            const double *w = weights + (c * scales + k) * 6;
            for (int t = 0; t < 6; t++) s->weights[c][t] = w[t] >= 0.01 ? w[t] : 0;
            w = s->weights[c];
            s->similarity[c] = w[0] != 0 || w[3] != 0;
            s->edges[c] = w[1] != 0 || w[2] != 0 || w[4] != 0 || w[5] != 0;
            if (fx_counts(s, c)) v->used = k + 1;
        }
        total += s->plane * kept_planes(s);
        width = (width + 1) / 2;
        height = (height + 1) / 2;
    }
    v->planes = new_planes(total);
    if (!v->planes.start) {
        free(v);
        return NULL;
    }
    float *next = v->planes.start;
    for (int k = 0; k < scales; k++) {
        fx_scale_planes *s = &v->scale[k];
        for (int c = 0; c < 3; c++) {
            if (!fx_counts(s, c)) continue;
            s->image[c] = next_plane(s, &next);
            s->mean[c] = next_plane(s, &next);
            if (s->similarity[c]) s->square[c] = next_plane(s, &next);
        }
    }
    return v;
}

size_t fx_visibility_room(const fx_visibility *v) {
    const fx_scale_planes *finest = &v->scale[0];
    size_t floats = FX_WORK_PLANES * finest->plane + (FX_RINGS * FX_RING_ROWS + FX_LINES + 2) * finest->stride;
    for (int k = 0; k < v->scales; k++) floats += v->scale[k].plane * room_planes(&v->scale[k]);
    return floats;
}

static void take_room(fx_visibility *v, float *next) {
    for (int k = 0; k < v->scales; k++) {
        fx_scale_planes *s = &v->scale[k];
        for (int c = 0; c < 3; c++) {
            s->linear[c] = next_plane(s, &next);
            s->gradient[c] = next_plane(s, &next);
            if (fx_counts(s, c)) s->changed[c] = next_plane(s, &next);
        }
    }
    const fx_scale_planes *finest = &v->scale[0];
    for (int p = 0; p < FX_WORK_PLANES; p++) v->work[p] = next_plane(finest, &next);
    next += finest->stride + FX_MARGIN;
    for (int r = 0; r < FX_RINGS; r++, next += FX_RING_ROWS * finest->stride) v->rings[r] = next;
    for (int l = 0; l < FX_LINES; l++, next += finest->stride) v->lines[l] = next;
}

void fx_visibility_start(fx_visibility *visibility, const float *rgb, float *room) {
    take_room(visibility, room);
    fx_kernels_of(visibility->level)->visibility_reference(visibility, rgb);
}

double fx_visibility_score(fx_visibility *visibility, const float *rgb, float *gradient, float *room) {
    take_room(visibility, room);
    return fx_kernels_of(visibility->level)->visibility(visibility, rgb, gradient);
}

void fx_butteraugli_free(fx_butteraugli *butteraugli) {
    if (!butteraugli) return;
    free_planes(butteraugli->planes);
    free(butteraugli);
}

/// Half of a Gaussian cut off at 2.25 σ, and for each place of a line the inverse of the weights that lie inside it.
static void make_gaussian(fx_gaussian *gaussian, int which, int width, int height) {
    const float sigma = fx_gaussian_sigmas[which];
    const int radius = fx_gaussian_radii[which];
    for (int d = 0; d <= radius; d++) gaussian->weights[d] = expf((float)(-d * d) / (2 * sigma * sigma));
    for (int axis = 0; axis < 2; axis++) {
        int length = axis ? height : width;
        float *shares = axis ? gaussian->down : gaussian->across;
        for (int i = 0; i < length; i++) {
            float sum = 0;
            for (int d = -radius; d <= radius; d++)
                if (i + d >= 0 && i + d < length) sum += gaussian->weights[d < 0 ? -d : d];
            shares[i] = 1 / sum;
        }
    }
}

fx_butteraugli *fx_butteraugli_new(int level, int width, int height) {
    enum { PLANES = 8 };
    fx_butteraugli *b = calloc(1, sizeof *b);
    if (!b || width < 16 || width % 16 || height < 1) {
        free(b);
        return NULL;
    }
    b->level = level;
    b->width = width;
    b->height = height;
    b->stride = (size_t)width + 2 * FX_MARGIN;
    b->plane = b->stride * ((size_t)height + 2 * FX_BUTTERAUGLI_ROWS);
    const size_t shares = (size_t)width + ((size_t)height + 15) / 16 * 16;
    b->planes = new_planes(PLANES * b->plane + FX_GAUSSIANS * shares);
    if (!b->planes.start) {
        free(b);
        return NULL;
    }
    float *next = b->planes.start;
    float **const planes[PLANES] = {
        &b->original[0], &b->original[1], &b->gain[0], &b->gain[1], &b->adaptation[0], &b->adaptation[1], &b->mask,
        &b->low_mask,
    };
    for (int p = 0; p < PLANES; p++, next += b->plane) *planes[p] = next + FX_BUTTERAUGLI_ROWS * b->stride + FX_MARGIN;
    for (int g = 0; g < FX_GAUSSIANS; g++, next += shares) {
        b->gaussians[g].across = next;
        b->gaussians[g].down = next + width;
        make_gaussian(&b->gaussians[g], g, width, height);
    }
    return b;
}

size_t fx_butteraugli_room(const fx_butteraugli *b) { return (FX_BUTTERAUGLI_WORK_PLANES + 1) * b->plane + b->stride; }

/// A plane with zeros around it, whatever was there.
static float *cleared_plane(const fx_butteraugli *b, float *memory) {
    const size_t rows = (size_t)b->height, beyond = FX_BUTTERAUGLI_ROWS * b->stride;
    memset(memory, 0, (beyond + FX_MARGIN) * sizeof *memory);
    for (size_t y = 0; y + 1 < rows; y++)
        memset(memory + beyond + FX_MARGIN + y * b->stride + (size_t)b->width, 0, 2 * FX_MARGIN * sizeof *memory);
    float *end = memory + beyond + rows * b->stride - FX_MARGIN;
    memset(end, 0, (beyond + FX_MARGIN) * sizeof *memory);
    return memory + beyond + FX_MARGIN;
}

static void take_planes(fx_butteraugli *b, float *room) {
    for (int p = 0; p < FX_BUTTERAUGLI_WORK_PLANES; p++, room += b->plane) b->work[p] = cleared_plane(b, room);
    b->scratch = cleared_plane(b, room);
    b->row = room + b->plane + FX_MARGIN;
    memset(b->row - FX_MARGIN, 0, b->stride * sizeof *room);
}

void fx_butteraugli_start(fx_butteraugli *butteraugli, const float *rgb, float *room) {
    take_planes(butteraugli, room);
    fx_kernels_of(butteraugli->level)->butteraugli_reference(butteraugli, rgb);
}

double fx_butteraugli_norm(fx_butteraugli *butteraugli, const float *rgb, float *gradient, float *room) {
    take_planes(butteraugli, room);
    return fx_kernels_of(butteraugli->level)->butteraugli(butteraugli, rgb, gradient);
}
