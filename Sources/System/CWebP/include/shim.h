#pragma once

// Swift calls libwebp directly; SwiftPM needs a target with a module map to know its headers.

#include <webp/decode.h>
#include <webp/encode.h>
#include <webp/mux.h>
