// Whatever the compiler makes of plain vectors: SSE2 on every x86-64, NEON on arm64.

#if defined(__aarch64__)
#define WIDTHS(X) X(6) X(4) X(1)
#else
#define WIDTHS(X) X(2) X(1)
#endif
#define HAS_PAIRS 0
#define HALF 0
#define TABLE fx_kernels_portable
#include "layers.h"
#include "stem.h"
#include "depthwise.h"
#include "bottleneck.h"
#include "winograd.h"
#include "visibility.h"
#include "butteraugli.h"
#include "resample.h"
#include "descent.h"
#include "table.h"
