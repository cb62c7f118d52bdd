#pragma once

// libjpeg's error handler must not return, so it longjmps, which must never cross a Swift frame: whole conversations
// with libjpeg live here, each behind its own setjmp, and Swift sees return codes and a message.

#include <stddef.h>
#include <stdint.h>

#define FX_JPEG_MESSAGE_SIZE 200

typedef struct fx_jpeg_reader fx_jpeg_reader;

typedef struct {
    uint32_t width;
    uint32_t height;
    /// Samples per pixel of the rows: 1 grey, 3 RGB, 4 CMYK as stored.
    int channels;
    /// Whether an Adobe marker was seen: its CMYK samples are stored inverted.
    int has_adobe_marker;
} fx_jpeg_header;

/// A reader over bytes that must outlive it; NULL when memory is short.
fx_jpeg_reader *fx_jpeg_reader_new(const uint8_t *data, size_t size);
/// Reads up to the first scan; nothing of the picture's size is allocated yet. 1 on success, 0 on failure.
int fx_jpeg_reader_header(fx_jpeg_reader *reader, fx_jpeg_header *header);
/// Begins decoding at 1/`denominator` (1, 2, 4, 8) of the size by scaling in the DCT; `header` gets the reduced size.
int fx_jpeg_reader_start(fx_jpeg_reader *reader, int denominator, fx_jpeg_header *header);
/// Reads the next `count` rows, `stride` bytes apart.
int fx_jpeg_reader_rows(fx_jpeg_reader *reader, uint8_t *rows, size_t stride, uint32_t count);
/// After the last row: 1 when every coefficient was there, 0 when the data was cut off or damaged.
int fx_jpeg_reader_finish(fx_jpeg_reader *reader);
const char *fx_jpeg_reader_message(const fx_jpeg_reader *reader);
void fx_jpeg_reader_free(fx_jpeg_reader *reader);

typedef struct {
    uint32_t width;
    uint32_t height;
    /// 1 grey, 3 RGB.
    int channels;
    /// 1…100.
    int quality;
    /// 1: chroma at full resolution (4:4:4); 2: half in both directions (4:2:0).
    int chroma_step;
    /// NULL for none.
    const uint8_t *icc;
    size_t icc_size;
    /// The whole content of the APP1 segment of the XMP packet, NULL for none; at most 65533 bytes.
    const uint8_t *xmp_segment;
    size_t xmp_segment_size;
} fx_jpeg_picture;

typedef struct fx_jpeg_writer fx_jpeg_writer;

/// A writer of baseline JPEG to a file descriptor, which stays the caller's, or into memory where it is −1; NULL when
/// memory is short.
fx_jpeg_writer *fx_jpeg_writer_new(int descriptor);
/// Writes everything before the pixels. 1 on success, as below.
int fx_jpeg_writer_start(fx_jpeg_writer *writer, const fx_jpeg_picture *picture);
/// Writes the next `count` rows, which follow each other without gaps.
int fx_jpeg_writer_rows(fx_jpeg_writer *writer, const uint8_t *pixels, uint32_t count);
/// Ends the file. What was written into memory is the caller's, who frees it with free().
int fx_jpeg_writer_finish(fx_jpeg_writer *writer, uint8_t **out, size_t *out_size);
const char *fx_jpeg_writer_message(const fx_jpeg_writer *writer);
void fx_jpeg_writer_free(fx_jpeg_writer *writer);
