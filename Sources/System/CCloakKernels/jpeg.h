// What JPEG (ITU-T T.81) with 4:2:0 leaves of a picture, with a way back for gradients, compiled once for each level. The
// DCT and the tables are the standard's; chroma is averaged over 2×2 and interpolated as libjpeg does, and samples are
// neither rounded nor cut off. Rounding of coefficients has no slope, so gradients pass as if it were not there; one that
// becomes zero lets pass as much as it is near to not becoming zero, because what it would add is lost. No include guard
// on purpose.

/// A row of a block.
typedef float row8 __attribute__((vector_size(32), aligned(4)));
typedef int32_t irow8 __attribute__((vector_size(32), aligned(4)));

typedef struct {
    row8 rows[8];
} block8;

/// D, whose rows are the cosines, and its transpose.
static const block8 cosines = {{
    {0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f, 0.35355339f},
    {0.49039264f, 0.41573481f, 0.27778512f, 0.09754516f, -0.09754516f, -0.27778512f, -0.41573481f, -0.49039264f},
    {0.46193977f, 0.19134172f, -0.19134172f, -0.46193977f, -0.46193977f, -0.19134172f, 0.19134172f, 0.46193977f},
    {0.41573481f, -0.09754516f, -0.49039264f, -0.27778512f, 0.27778512f, 0.49039264f, 0.09754516f, -0.41573481f},
    {0.35355339f, -0.35355339f, -0.35355339f, 0.35355339f, 0.35355339f, -0.35355339f, -0.35355339f, 0.35355339f},
    {0.27778512f, -0.49039264f, 0.09754516f, 0.41573481f, -0.41573481f, -0.09754516f, 0.49039264f, -0.27778512f},
    {0.19134172f, -0.46193977f, 0.46193977f, -0.19134172f, -0.19134172f, 0.46193977f, -0.46193977f, 0.19134172f},
    {0.09754516f, -0.27778512f, 0.41573481f, -0.49039264f, 0.49039264f, -0.41573481f, 0.27778512f, -0.09754516f},
}};
static const block8 cosines_across = {{
    {0.35355339f, 0.49039264f, 0.46193977f, 0.41573481f, 0.35355339f, 0.27778512f, 0.19134172f, 0.09754516f},
    {0.35355339f, 0.41573481f, 0.19134172f, -0.09754516f, -0.35355339f, -0.49039264f, -0.46193977f, -0.27778512f},
    {0.35355339f, 0.27778512f, -0.19134172f, -0.49039264f, -0.35355339f, 0.09754516f, 0.46193977f, 0.41573481f},
    {0.35355339f, 0.09754516f, -0.46193977f, -0.27778512f, 0.35355339f, 0.41573481f, -0.19134172f, -0.49039264f},
    {0.35355339f, -0.09754516f, -0.46193977f, 0.27778512f, 0.35355339f, -0.41573481f, -0.19134172f, 0.49039264f},
    {0.35355339f, -0.27778512f, -0.19134172f, 0.49039264f, -0.35355339f, -0.09754516f, 0.46193977f, -0.41573481f},
    {0.35355339f, -0.41573481f, 0.19134172f, 0.09754516f, -0.35355339f, 0.49039264f, -0.46193977f, 0.27778512f},
    {0.35355339f, -0.49039264f, 0.46193977f, -0.41573481f, 0.35355339f, -0.27778512f, 0.19134172f, -0.09754516f},
}};

/// `first` · `second`.
INLINE void multiply_blocks(const block8 *first, const block8 *second, block8 *out) {
    for (int y = 0; y < 8; y++) {
        row8 sum = second->rows[0] * first->rows[y][0];
#pragma clang loop unroll(full)
        for (int x = 1; x < 8; x++) sum += second->rows[x] * first->rows[y][x];
        out->rows[y] = sum;
    }
}

INLINE void to_coefficients(block8 *b) {
    block8 half;
    multiply_blocks(&cosines, b, &half);
    multiply_blocks(&half, &cosines_across, b);
}

INLINE void from_coefficients(block8 *b) {
    block8 half;
    multiply_blocks(&cosines_across, b, &half);
    multiply_blocks(&half, &cosines, b);
}

INLINE row8 load_row(const float *p) {
    row8 v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store_row(float *p, row8 v) { memcpy(p, &v, sizeof v); }

/// Quantises all blocks of a plane in place and notes how much of a gradient each coefficient lets pass.
static void quantise_plane(const float table[64], float *plane, float *slopes, int width, int height) {
    for (int top = 0; top < height; top += 8)
        for (int left = 0; left < width; left += 8) {
            const size_t place = (size_t)top * (size_t)width + (size_t)left;
            block8 b;
            for (int y = 0; y < 8; y++) b.rows[y] = load_row(plane + place + (size_t)y * (size_t)width);
            to_coefficients(&b);
            for (int y = 0; y < 8; y++) {
                const row8 step = load_row(table + y * 8), value = b.rows[y] / step;
                // Adding and taking away 1.5 · 2²³ rounds to the nearest whole number.
                const row8 rounded = (value + 12582912.0f) - 12582912.0f;
                const row8 doubled = (row8)((irow8)(value * 2) & 0x7FFFFFFF), one = (row8){0} + 1;
                const irow8 is_zero = rounded == 0;
                const row8 slope = (row8)((is_zero & (irow8)doubled) | (~is_zero & (irow8)one));
                store_row(slopes + place + (size_t)y * (size_t)width, slope);
                b.rows[y] = rounded * step;
            }
            from_coefficients(&b);
            for (int y = 0; y < 8; y++) store_row(plane + place + (size_t)y * (size_t)width, b.rows[y]);
        }
}

static void quantise_gradient(const float *slopes, float *plane, int width, int height) {
    for (int top = 0; top < height; top += 8)
        for (int left = 0; left < width; left += 8) {
            const size_t place = (size_t)top * (size_t)width + (size_t)left;
            block8 b;
            for (int y = 0; y < 8; y++) b.rows[y] = load_row(plane + place + (size_t)y * (size_t)width);
            to_coefficients(&b);
            for (int y = 0; y < 8; y++) b.rows[y] *= load_row(slopes + place + (size_t)y * (size_t)width);
            from_coefficients(&b);
            for (int y = 0; y < 8; y++) store_row(plane + place + (size_t)y * (size_t)width, b.rows[y]);
        }
}

#define LUMA_RED 0.299f
#define LUMA_GREEN 0.587f
#define LUMA_BLUE 0.114f
#define BLUE_SCALE 0.564334f
#define RED_SCALE 0.713267f

/// Two samples of a plane, one above the other.
INLINE float two_rows(const float *row, int width) { return row[0] + row[width]; }

/// Samples of chroma lie between those of luma: each of these gets three quarters of the nearer one and a quarter of the
/// next, along both axes.
INLINE int neighbour(int place, int count) {
    const int next = place % 2 ? place / 2 + 1 : place / 2 - 1;
    return next < 0 ? 0 : next >= count ? count - 1 : next;
}

/// What a row of luma gets of two rows of chroma.
static void chroma_row(const fx_jpeg *j, const float *plane, int y, float *row) {
    const int half = j->width / 2;
    const float *near = plane + (size_t)(y / 2) * (size_t)half;
    const float *far = plane + (size_t)neighbour(y, j->height / 2) * (size_t)half;
    for (int x = 0; x < half; x++) row[x] = near[x] * 0.75f + far[x] * 0.25f;
}

/// The way back: adds a row's gradient to those of the two rows.
static void add_chroma_row(const fx_jpeg *j, float *plane, int y, const float *row) {
    const int half = j->width / 2;
    float *near = plane + (size_t)(y / 2) * (size_t)half;
    float *far = plane + (size_t)neighbour(y, j->height / 2) * (size_t)half;
    for (int x = 0; x < half; x++) near[x] += row[x] * 0.75f;
    for (int x = 0; x < half; x++) far[x] += row[x] * 0.25f;
}

static void jpeg_forward(fx_jpeg *j, const float *rgb, float *out) {
    const int w = j->width, h = j->height;
    const size_t area = (size_t)w * (size_t)h;
    for (size_t i = 0; i < area; i++)
        j->luma[i] =
            (rgb[i] * LUMA_RED + rgb[area + i] * LUMA_GREEN + rgb[2 * area + i] * LUMA_BLUE) * 255 - 128;
    for (int y = 0; y < h / 2; y++)
        for (int x = 0; x < w / 2; x++) {
            const size_t from = (size_t)(2 * y) * (size_t)w + (size_t)(2 * x), to = (size_t)y * (size_t)(w / 2) + (size_t)x;
            float sums[3];
            for (int c = 0; c < 3; c++) {
                const float *p = rgb + (size_t)c * area + from;
                sums[c] = (two_rows(p, w) + two_rows(p + 1, w)) * (255 / 4.0f);
            }
            const float luma = sums[0] * LUMA_RED + sums[1] * LUMA_GREEN + sums[2] * LUMA_BLUE;
            j->blue[to] = (sums[2] - luma) * BLUE_SCALE;
            j->red[to] = (sums[0] - luma) * RED_SCALE;
        }
    quantise_plane(j->tables[0], j->luma, j->luma_slopes, w, h);
    quantise_plane(j->tables[1], j->blue, j->blue_slopes, w / 2, h / 2);
    quantise_plane(j->tables[1], j->red, j->red_slopes, w / 2, h / 2);
    for (int y = 0; y < h; y++) {
        chroma_row(j, j->blue, y, j->rows[0]);
        chroma_row(j, j->red, y, j->rows[1]);
        for (int x = 0; x < w; x++) {
            const size_t place = (size_t)y * (size_t)w + (size_t)x;
            const int near = x / 2, far = neighbour(x, w / 2);
            const float blue = j->rows[0][near] * 0.75f + j->rows[0][far] * 0.25f;
            const float red = j->rows[1][near] * 0.75f + j->rows[1][far] * 0.25f;
            const float luma = j->luma[place] + 128;
            out[place] = (luma + red * 1.402f) * (1 / 255.0f);
            out[area + place] = (luma - blue * 0.344136f - red * 0.714136f) * (1 / 255.0f);
            out[2 * area + place] = (luma + blue * 1.772f) * (1 / 255.0f);
        }
    }
}

static void jpeg_backward(fx_jpeg *j, float *gradient) {
    const int w = j->width, h = j->height;
    const size_t area = (size_t)w * (size_t)h;
    const float *red = gradient, *green = gradient + area, *blue = gradient + 2 * area;
    for (size_t i = 0; i < area; i++) j->luma[i] = red[i] + green[i] + blue[i];
    memset(j->blue, 0, area / 4 * sizeof(float));
    memset(j->red, 0, area / 4 * sizeof(float));
    for (int y = 0; y < h; y++) {
        memset(j->rows[0], 0, (size_t)(w / 2) * sizeof(float));
        memset(j->rows[1], 0, (size_t)(w / 2) * sizeof(float));
        for (int x = 0; x < w; x++) {
            const size_t place = (size_t)y * (size_t)w + (size_t)x;
            const int near = x / 2, far = neighbour(x, w / 2);
            // Each of the four samples that made one of chroma gets a quarter of what that is told.
            const float by_blue = (blue[place] * 1.772f - green[place] * 0.344136f) * (BLUE_SCALE / 4);
            const float by_red = (red[place] * 1.402f - green[place] * 0.714136f) * (RED_SCALE / 4);
            j->rows[0][near] += by_blue * 0.75f;
            j->rows[0][far] += by_blue * 0.25f;
            j->rows[1][near] += by_red * 0.75f;
            j->rows[1][far] += by_red * 0.25f;
        }
        add_chroma_row(j, j->blue, y, j->rows[0]);
        add_chroma_row(j, j->red, y, j->rows[1]);
    }
    quantise_gradient(j->luma_slopes, j->luma, w, h);
    quantise_gradient(j->blue_slopes, j->blue, w / 2, h / 2);
    quantise_gradient(j->red_slopes, j->red, w / 2, h / 2);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const size_t place = (size_t)y * (size_t)w + (size_t)x, half = (size_t)(y / 2) * (size_t)(w / 2) + (size_t)(x / 2);
            const float luma = j->luma[place] - j->blue[half] - j->red[half];
            gradient[place] = luma * LUMA_RED + j->red[half];
            gradient[area + place] = luma * LUMA_GREEN;
            gradient[2 * area + place] = luma * LUMA_BLUE + j->blue[half];
        }
}
