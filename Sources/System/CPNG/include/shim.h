#pragma once

// libpng reports errors by longjmp, which must never cross a Swift frame: so whole conversations with libpng live
// here, each behind its own setjmp, and Swift sees return codes and a message.

#include <stddef.h>
#include <stdint.h>

#define FX_PNG_MESSAGE_SIZE 160

typedef struct fx_png_reader fx_png_reader;

/// What the pixels will look like once read: palettes expanded, fewer than 8 bits widened, tRNS as alpha.
typedef struct {
    uint32_t width;
    uint32_t height;
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    int channels;
    /// 8 or 16 (native byte order).
    int depth;
    int was_palette;
    /// Whether an sRGB chunk says that the samples are sRGB.
    int is_srgb;
    /// The exponent of gAMA (0.45455 for the usual one), 0 without the chunk.
    double gamma;
    /// Whether `chromaticities` (white, red, green, blue; x and y each) come from a cHRM chunk.
    int has_chromaticities;
    double chromaticities[8];
} fx_png_header;

/// A reader over bytes that must outlive it; NULL when memory is short.
fx_png_reader *fx_png_reader_new(const uint8_t *data, size_t size);
/// Reads up to the first pixel. 1 on success, 0 on failure (see the message).
int fx_png_reader_header(fx_png_reader *reader, fx_png_header *header);
/// The embedded ICC profile after the header, or NULL; it lives as long as the reader.
const uint8_t *fx_png_reader_icc(fx_png_reader *reader, size_t *size);
/// Reads every row and the rest of the file. `stride` is in bytes and must be width × channels × depth / 8.
int fx_png_reader_pixels(fx_png_reader *reader, void *pixels, size_t stride);
/// Whether the rows come in seven passes, so that they can only be read all at once.
int fx_png_reader_is_interlaced(const fx_png_reader *reader);
/// Reads the next `count` rows of a file that is not interlaced, `stride` bytes apart.
int fx_png_reader_rows(fx_png_reader *reader, void *pixels, size_t stride, uint32_t count);
/// After the last row: reads the rest of the file.
int fx_png_reader_finish(fx_png_reader *reader);
const char *fx_png_reader_message(const fx_png_reader *reader);
void fx_png_reader_free(fx_png_reader *reader);

typedef struct {
    uint32_t width;
    uint32_t height;
    int channels;
    int depth;
    /// zlib's level, 0…9.
    int level;
    /// Whether zlib looks for repetitions of the byte before alone (Z_RLE).
    int only_runs;
    /// NULL for none.
    const uint8_t *icc;
    size_t icc_size;
    /// An XMP packet, UTF-8 and NUL-terminated; NULL for none.
    const char *xmp;
} fx_png_picture;

enum { FX_PNG_FAILED = 0, FX_PNG_WRITTEN = 1, FX_PNG_PROFILE_REFUSED = 2 };

typedef struct fx_png_writer fx_png_writer;

/// A writer to a file descriptor, which stays the caller's, or into memory where it is −1; NULL when memory is short.
fx_png_writer *fx_png_writer_new(int descriptor);
/// Writes everything before the pixels. libpng's opinion of an ICC profile is stricter than that of lcms2;
/// FX_PNG_PROFILE_REFUSED says that it would not be written, before anything is.
int fx_png_writer_start(fx_png_writer *writer, const fx_png_picture *picture);
/// Writes the next `count` rows, which follow each other without gaps.
int fx_png_writer_rows(fx_png_writer *writer, const void *pixels, uint32_t count);
/// Ends the file. What was written into memory is the caller's, who frees it with free().
int fx_png_writer_finish(fx_png_writer *writer, uint8_t **out, size_t *out_size);
const char *fx_png_writer_message(const fx_png_writer *writer);
void fx_png_writer_free(fx_png_writer *writer);

/// Bytes of a file of these pixels, which follow each other without gaps; SIZE_MAX when it cannot be made.
size_t fx_png_size(const fx_png_picture *picture, const void *pixels);
