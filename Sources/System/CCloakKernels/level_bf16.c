// AVX-512 with bf16: samples and weights in half the memory, two products a lane and instruction.

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push( \
    __attribute__((target("avx2,fma,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16"))), apply_to = function)
#define WIDTHS(X) X(14) X(12) X(8) X(4) X(1)
#define HAS_PAIRS 1
#define HALF 1
#define TABLE fx_kernels_bf16
#include "layers.h"
#include "stem.h"
#include "depthwise.h"
#include "bottleneck.h"
#include "visibility.h"
#include "butteraugli.h"
#include "resample.h"
#include "descent.h"
#pragma clang attribute pop
#include "table.h"
#endif
