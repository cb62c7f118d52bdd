#pragma once

// Swift calls lcms2 directly; only its pixel formats are macros that Swift cannot import, so they are named here.

#include <lcms2.h>

static const cmsUInt32Number fx_gray8 = TYPE_GRAY_8;
static const cmsUInt32Number fx_gray16 = TYPE_GRAY_16;
static const cmsUInt32Number fx_gray_alpha8 = TYPE_GRAYA_8;
static const cmsUInt32Number fx_gray_alpha16 = TYPE_GRAYA_16;
static const cmsUInt32Number fx_rgb8 = TYPE_RGB_8;
static const cmsUInt32Number fx_rgb16 = TYPE_RGB_16;
static const cmsUInt32Number fx_rgba8 = TYPE_RGBA_8;
static const cmsUInt32Number fx_rgba16 = TYPE_RGBA_16;
static const cmsUInt32Number fx_cmyk8 = TYPE_CMYK_8;
/// Adobe's: 255 is no ink.
static const cmsUInt32Number fx_cmyk8_inverted = TYPE_CMYK_8_REV;
