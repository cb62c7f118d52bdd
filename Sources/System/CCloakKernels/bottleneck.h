// Bottlenecks (MobileNetV2, Sandler et al. 2018, arXiv:1801.04381): a convolution of 1×1 to many channels, a depthwise one
// and another of 1×1 to few, worked on row by row, so that the maps with many channels never leave the cache. The way
// back needs the signs of both activations and nothing else. Included after layers.h and depthwise.h, compiled once for
// each level. No include guard on purpose.

/// A row of maps as a tensor that has no rows of border: its row 0 is at `data`.
INLINE fx_tensor row_tensor(elem *data, int channels, int width) {
    return (fx_tensor){data - (size_t)(width + 2) * 16, channels, -1, width};
}

/// One row of a tensor, for reading.
INLINE fx_tensor row_view(const fx_tensor *t, int y) {
    fx_tensor row = *t;
    row.data = (elem *)t->data + (size_t)y * row_samples(t);
    return row;
}

/// Words of the signs of a row: of each block as many as its samples, with the border.
INLINE size_t row_words(int channels, int width) { return count_blocks(channels) * (size_t)(width + 2); }

/// A convolution of 1×1 of one row; `mask` and `signs` as in `fx_pass`.
INLINE void convolve_row(
    const fx_phase *phase, const float *bias, int inputs, int outputs, const fx_tensor *in, const fx_tensor *out, int y,
    float slope, const uint16_t *mask, uint16_t *signs) {
    const fx_pass pass = {
        .phase = phase, .bias = bias, .rows = 1, .columns = out->width, .in_step = 1, .out_step = 1, .out_y = y,
        .slope = slope, .inputs = inputs, .outputs = outputs, .mask = mask, .signs = signs,
    };
    convolve(&pass, in, out);
}

static void bottleneck_forward(
    const fx_bottleneck *b, const fx_tensor *in, const fx_tensor *out, float slope, uint16_t *own, uint16_t *signs,
    void *room) {
    const fx_depthwise *depth = b->depth;
    const int channels = depth->channels, kernel = depth->kernel, reach = kernel / 2;
    const size_t row = count_blocks(channels) * row_samples(in), words = row_words(channels, in->width);
    elem *ring = room, *made = b->expand ? ring + (size_t)kernel * row : ring;
    const fx_tensor line = row_tensor(made, channels, out->width);
    uint16_t *depth_signs = own && b->expand ? own + (size_t)in->height * words : own;
    const size_t depth_words = row_words(channels, out->width);
    depthwise_sweep sweep = {
        .from = in, .to = &line, .weights = depth->weights, .bias = depth->bias, .down = &depth->forward,
        .across = &depth->forward, .kernel = kernel, .in_step = depth->stride, .out_step = 1, .slope = b->depth_slope,
    };
    int ready = 0;
    for (int y = 0; y < out->height; y++) {
        for (; b->expand && ready < in->height && ready <= y * depth->stride + reach; ready++) {
            const fx_tensor source = row_view(in, ready);
            const fx_tensor target = row_tensor(ring + (size_t)(ready % kernel) * row, channels, in->width);
            // Places of signs count the row of border that there is none of.
            uint16_t *to = own ? own + (size_t)ready * words - (in->width + 2) : NULL;
            convolve_row(
                &b->expand->forward, b->expand->bias, b->expand->inputs, channels, &source, &target, 0, b->expand_slope,
                NULL, to);
        }
        sweep.signs = depth_signs ? depth_signs + (size_t)y * depth_words : NULL;
        for (size_t block = 0; block < count_blocks(channels); block++) {
            depthwise_rows sources = {0};
            const float *weights = depth->weights + block * (size_t)(kernel * kernel) * 16;
            for (int tap = 0; tap < sweep.down->count; tap++) {
                const int from = y * depth->stride + sweep.down->at[tap];
                if (from < 0 || from >= in->height) continue;
                const elem *expanded = ring + (size_t)(from % kernel) * row + block * row_samples(in) + 16;
                sources.rows[sources.count] = b->expand ? expanded : interior(in, block, from);
                sources.weights[sources.count++] = weights + sweep.down->index[tap] * kernel * 16;
            }
            depthwise_row(
                &sweep, &sources, load_floats(depth->bias + block * 16), out->width, interior(&line, block, 0),
                block * (size_t)(out->width + 2) + 1);
        }
        convolve_row(
            &b->project->forward, b->project->bias, channels, b->project->outputs, &line, out, y, slope, NULL, signs);
    }
}

static void bottleneck_backward(
    const fx_bottleneck *b, const fx_tensor *out, const fx_tensor *in, const uint16_t *own, const uint16_t *mask,
    float slope, void *room) {
    const fx_depthwise *depth = b->depth;
    const int channels = depth->channels, kernel = depth->kernel, stride = depth->stride;
    const size_t row = count_blocks(channels) * row_samples(out), words = row_words(channels, in->width);
    elem *ring = room;
    const fx_tensor line = row_tensor(ring + (size_t)kernel * row, channels, in->width);
    const uint16_t *depth_signs = b->expand ? own + (size_t)in->height * words : own;
    const size_t depth_words = row_words(channels, out->width);
    int ready = 0;
    for (int y = 0; y < in->height; y++) {
        const fx_taps *down = &depth->backward[y % stride];
        const int last = y / stride + down->at[down->count - 1];
        for (; ready < out->height && ready <= last; ready++) {
            const fx_tensor source = row_view(out, ready);
            const fx_tensor target = row_tensor(ring + (size_t)(ready % kernel) * row, channels, out->width);
            convolve_row(
                &b->project->backward[0], NULL, b->project->outputs, channels, &source, &target, 0, b->depth_slope,
                depth_signs + (size_t)ready * depth_words - (out->width + 2), NULL);
        }
        for (size_t block = 0; block < count_blocks(channels); block++) {
            depthwise_rows sources = {0};
            const float *weights = depth->weights + block * (size_t)(kernel * kernel) * 16;
            for (int tap = 0; tap < down->count; tap++) {
                const int from = y / stride + down->at[tap];
                if (from < 0 || from >= out->height) continue;
                sources.rows[sources.count] = ring + (size_t)(from % kernel) * row + block * row_samples(out) + 16;
                sources.weights[sources.count++] = weights + down->index[tap] * kernel * 16;
            }
            for (int x = 0; x < stride; x++) {
                const depthwise_sweep sweep = {
                    .from = out, .to = in, .weights = depth->weights, .down = down, .across = &depth->backward[x],
                    .kernel = kernel, .in_step = 1, .out_step = stride, .slope = b->expand ? b->expand_slope : slope,
                    .mask = b->expand ? own + (size_t)y * words : mask,
                };
                const size_t sample =
                    b->expand ? block * (size_t)(in->width + 2) + 1 : interior_sample(in, block, y);
                elem *to = b->expand ? interior(&line, block, 0) : interior(in, block, y);
                depthwise_row(
                    &sweep, &sources, (vec){0}, (in->width - x + stride - 1) / stride, to + x * 16, sample + (size_t)x);
            }
        }
        if (!b->expand) continue;
        convolve_row(
            &b->expand->backward[0], NULL, channels, b->expand->inputs, &line, in, y, slope, mask, NULL);
    }
}
