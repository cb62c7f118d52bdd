// The descent's own sweeps over a tile's planes, where counts are multiples of 16, and what is made of them, compiled once for each
// level. No include guard on purpose.

/// Σ v², summed in double precision over parts that single precision holds well.
static double squares(const float *values, size_t count) {
    double total = 0;
    for (size_t start = 0; start < count; start += 4096) {
        size_t end = start + 4096 < count ? start + 4096 : count;
        vec sum = {0};
        for (size_t i = start; i < end; i += 16) {
            vec v = load_floats(values + i);
            sum += v * v;
        }
        total += lanes_sum(sum);
    }
    return total;
}

/// out = Σ factors[p] · parts[p], and the sum of its squares.
static double combine(const float *parts, const float *factors, int number, size_t count, float *out) {
    double total = 0;
    for (size_t start = 0; start < count; start += 4096) {
        size_t end = start + 4096 < count ? start + 4096 : count;
        vec sum = {0};
        for (size_t i = start; i < end; i += 16) {
            vec v = {0};
            for (int p = 0; p < number; p++) v += load_floats(parts + (size_t)p * count + i) * factors[p];
            store_floats(out + i, v);
            sum += v * v;
        }
        total += lanes_sum(sum);
    }
    return total;
}

static void descend(
    size_t count, const float *original, const float *bounds, const float *gradient, float gradient_factor,
    const float *sight, float color, float rate, float *change, float *changed) {
    static const float luma[3] = {0.299f, 0.587f, 0.114f};
    for (size_t i = 0; i < count; i += 16) {
        vec bound = load_floats(bounds + i), common = {0}, moves[3];
        for (int c = 0; c < 3; c++) {
            moves[c] = load_floats(change + (size_t)c * count + i);
            common += moves[c] * luma[c];
        }
        for (int c = 0; c < 3; c++) {
            size_t place = (size_t)c * count + i;
            // Times the bound, so that nothing is divided by one of zero.
            vec slope = (load_floats(gradient + place) * gradient_factor + load_floats(sight + place)) * bound
                - (moves[c] - common) * color;
            vec moved = moves[c] + choose(slope > 0, bound, choose(slope < 0, -bound, (vec){0})) * rate;
            moved = choose(moved > bound, bound, choose(moved < -bound, -bound, moved));
            store_floats(change + place, moved);
            vec value = load_floats(original + place) + moved;
            value = choose(value > 1, (vec){0} + 1, choose(value < 0, (vec){0}, value));
            store_floats(changed + place, value);
        }
    }
}

/// Rounds half up.
static void add_moves(const int8_t *moves, float unit, size_t count, uint8_t *pixels) {
    for (size_t i = 0; i < count; i++) {
        const float value = (float)pixels[i] + (float)moves[i] * unit + 0.5f;
        pixels[i] = (uint8_t)(int)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}
