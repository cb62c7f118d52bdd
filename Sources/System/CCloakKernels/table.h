// The table of a level, outside of its target attributes.

const fx_kernels TABLE = {
    .convolve = convolve,
    .stem_forward = stem_forward,
    .stem_backward = stem_backward,
    .depthwise_forward = depthwise_forward,
    .depthwise_backward = depthwise_backward,
#if !HALF
    .convolve_winograd = convolve_winograd,
#endif
    .add = add,
    .add_masked = add_masked,
    .scale = scale,
    .tanh = tanh_forward,
    .tanh_backward = tanh_backward,
    .upsample = upsample,
    .upsample_backward = upsample_backward,
    .max_pool = max_pool,
    .max_pool_backward = max_pool_backward,
    .group_norm = group_norm,
    .group_norm_backward = group_norm_backward,
    .pack = pack,
    .unpack = unpack,
    .distance = distance,
    .difference = difference,
    .visibility_reference = visibility_reference,
    .visibility = visibility,
    .butteraugli_reference = butteraugli_reference,
    .butteraugli = butteraugli,
    .squares = squares,
    .combine = combine,
    .descend = descend,
};
