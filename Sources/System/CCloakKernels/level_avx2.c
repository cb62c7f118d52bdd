// AVX2 with FMA: sixteen channels are two registers.

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define WIDTHS(X) X(6) X(4) X(1)
#define HAS_PAIRS 0
#define HALF 0
#define SIGNS_OF_PART(v) \
    ((part_signs)_mm256_movemask_ps(_mm256_cmp_ps((__m256)(v), _mm256_setzero_ps(), _CMP_GT_OQ)))
#define TABLE fx_kernels_avx2
#include "layers.h"
#include "stem.h"
#include "depthwise.h"
#include "bottleneck.h"
#include "winograd.h"
#include "visibility.h"
#include "butteraugli.h"
#include "resample.h"
#include "descent.h"
#pragma clang attribute pop
#include "table.h"
#endif
