#include "shim.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static void keep_message(char *target, const char *message) {
    strncpy(target, message ? message : "", FX_PNG_MESSAGE_SIZE - 1);
    target[FX_PNG_MESSAGE_SIZE - 1] = 0;
}

static void on_error(png_structp png, png_const_charp message) {
    keep_message(png_get_error_ptr(png), message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

// Reading

struct fx_png_reader {
    png_structp png;
    png_infop info;
    const uint8_t *data;
    size_t size;
    size_t offset;
    png_bytep *rows;
    char message[FX_PNG_MESSAGE_SIZE];
};

static void read_bytes(png_structp png, png_bytep target, size_t count) {
    fx_png_reader *reader = png_get_io_ptr(png);
    if (count > reader->size - reader->offset) png_error(png, "unexpected end of file");
    memcpy(target, reader->data + reader->offset, count);
    reader->offset += count;
}

fx_png_reader *fx_png_reader_new(const uint8_t *data, size_t size) {
    fx_png_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->data = data;
    reader->size = size;
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader->message, on_error, on_warning);
    if (reader->png) reader->info = png_create_info_struct(reader->png);
    if (!reader->info) {
        fx_png_reader_free(reader);
        return NULL;
    }
    return reader;
}

static void read_colorimetry(png_structp png, png_infop info, fx_png_header *header) {
    int intent;
    header->is_srgb = png_get_sRGB(png, info, &intent) != 0;
    if (!png_get_gAMA(png, info, &header->gamma)) header->gamma = 0;
    double *c = header->chromaticities;
    header->has_chromaticities =
        png_get_cHRM(png, info, c, c + 1, c + 2, c + 3, c + 4, c + 5, c + 6, c + 7) != 0;
}

int fx_png_reader_header(fx_png_reader *reader, fx_png_header *header) {
    // Chunks that Swift reads itself, or that say nothing about the pixels, are skipped unread.
    static const png_byte skipped[] = "tEXt\0zTXt\0iTXt\0eXIf\0tIME\0hIST\0sPLT\0pCAL\0sCAL\0oFFs\0bKGD";
    png_structp png = reader->png;
    if (setjmp(png_jmpbuf(png))) return 0;
    memset(header, 0, sizeof *header);
    png_set_user_limits(png, 1000000, 1000000);
    png_set_chunk_cache_max(png, 256);
    png_set_chunk_malloc_max(png, 16 << 20);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skipped, (int)(sizeof skipped / 5));
    png_set_read_fn(png, reader, read_bytes);
    png_read_info(png, reader->info);
    header->width = png_get_image_width(png, reader->info);
    header->height = png_get_image_height(png, reader->info);
    header->was_palette = png_get_color_type(png, reader->info) == PNG_COLOR_TYPE_PALETTE;
    read_colorimetry(png, reader->info, header);
    png_set_expand(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(png);
#endif
    png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    header->channels = png_get_channels(png, reader->info);
    header->depth = png_get_bit_depth(png, reader->info);
    return 1;
}

const uint8_t *fx_png_reader_icc(fx_png_reader *reader, size_t *size) {
    png_charp name = NULL;
    png_bytep profile = NULL;
    png_uint_32 length = 0;
    int method = 0;
    *size = 0;
    if (setjmp(png_jmpbuf(reader->png))) return NULL;
    if (!png_get_iCCP(reader->png, reader->info, &name, &method, &profile, &length)) return NULL;
    *size = length;
    return profile;
}

int fx_png_reader_pixels(fx_png_reader *reader, void *pixels, size_t stride) {
    png_structp png = reader->png;
    if (setjmp(png_jmpbuf(png))) return 0;
    if (png_get_rowbytes(png, reader->info) != stride) png_error(png, "rows of an unexpected size");
    size_t height = png_get_image_height(png, reader->info);
    reader->rows = malloc(height * sizeof *reader->rows);
    if (!reader->rows) png_error(png, "not enough memory");
    for (size_t y = 0; y < height; y++) reader->rows[y] = (png_bytep)pixels + y * stride;
    png_read_image(png, reader->rows);
    png_read_end(png, NULL);
    return 1;
}

int fx_png_reader_is_interlaced(const fx_png_reader *reader) {
    return png_get_interlace_type(reader->png, reader->info) != PNG_INTERLACE_NONE;
}

int fx_png_reader_rows(fx_png_reader *reader, void *pixels, size_t stride, uint32_t count) {
    png_structp png = reader->png;
    if (setjmp(png_jmpbuf(png))) return 0;
    if (png_get_rowbytes(png, reader->info) != stride) png_error(png, "rows of an unexpected size");
    for (uint32_t y = 0; y < count; y++) png_read_row(png, (png_bytep)pixels + y * stride, NULL);
    return 1;
}

int fx_png_reader_finish(fx_png_reader *reader) {
    if (setjmp(png_jmpbuf(reader->png))) return 0;
    png_read_end(reader->png, NULL);
    return 1;
}

const char *fx_png_reader_message(const fx_png_reader *reader) { return reader->message; }

void fx_png_reader_free(fx_png_reader *reader) {
    if (!reader) return;
    free(reader->rows);
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
    free(reader);
}

// Writing

struct fx_png_writer {
    png_structp png;
    png_infop info;
    /// −1: the file grows in memory.
    int descriptor;
    size_t stride;
    uint8_t *bytes;
    size_t count;
    size_t capacity;
    char message[FX_PNG_MESSAGE_SIZE];
};

static void write_to_file(png_structp png, fx_png_writer *writer, const uint8_t *source, size_t count) {
    while (count > 0) {
        ssize_t written = write(writer->descriptor, source, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) png_error(png, strerror(errno));
        source += written;
        count -= (size_t)written;
    }
}

static void write_bytes(png_structp png, png_bytep source, size_t count) {
    fx_png_writer *writer = png_get_io_ptr(png);
    if (writer->descriptor >= 0) {
        write_to_file(png, writer, source, count);
        return;
    }
    if (count > writer->capacity - writer->count) {
        if (count > SIZE_MAX / 4 || writer->capacity > SIZE_MAX / 4) png_error(png, "the file grows too large");
        size_t capacity = writer->capacity * 2 > writer->count + count ? writer->capacity * 2 : writer->count + count;
        uint8_t *bytes = realloc(writer->bytes, capacity);
        if (!bytes) png_error(png, "not enough memory");
        writer->bytes = bytes;
        writer->capacity = capacity;
    }
    memcpy(writer->bytes + writer->count, source, count);
    writer->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static int color_type(int channels) {
    switch (channels) {
    case 1: return PNG_COLOR_TYPE_GRAY;
    case 2: return PNG_COLOR_TYPE_GRAY_ALPHA;
    case 3: return PNG_COLOR_TYPE_RGB;
    default: return PNG_COLOR_TYPE_RGB_ALPHA;
    }
}

static void set_xmp(png_structp png, png_infop info, const char *xmp) {
    png_text text;
    memset(&text, 0, sizeof text);
    text.compression = PNG_ITXT_COMPRESSION_NONE;
    text.key = (png_charp) "XML:com.adobe.xmp";
    text.text = (png_charp)xmp;
    text.lang = (png_charp) "";
    text.lang_key = (png_charp) "";
    png_set_text(png, info, &text, 1);
}

fx_png_writer *fx_png_writer_new(int descriptor) {
    fx_png_writer *writer = calloc(1, sizeof *writer);
    if (!writer) return NULL;
    writer->descriptor = descriptor;
    keep_message(writer->message, "not enough memory");
    writer->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, writer->message, on_error, on_warning);
    if (writer->png) writer->info = png_create_info_struct(writer->png);
    if (!writer->info) {
        fx_png_writer_free(writer);
        return NULL;
    }
    return writer;
}

int fx_png_writer_start(fx_png_writer *writer, const fx_png_picture *picture) {
    png_structp png = writer->png;
    png_infop info = writer->info;
    if (setjmp(png_jmpbuf(png))) return FX_PNG_FAILED;
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
    png_set_write_fn(png, writer, write_bytes, flush_nothing);
    png_set_IHDR(
        png, info, picture->width, picture->height, picture->depth, color_type(picture->channels), PNG_INTERLACE_NONE,
        PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, picture->level);
    if (picture->only_runs) png_set_compression_strategy(png, Z_RLE);
    if (picture->icc) {
        // A profile that libpng dislikes is then a warning instead of an error, and not set.
        png_set_benign_errors(png, 1);
        png_set_iCCP(
            png, info, "icc", PNG_COMPRESSION_TYPE_BASE, picture->icc, (png_uint_32)picture->icc_size);
        if (!png_get_valid(png, info, PNG_INFO_iCCP)) return FX_PNG_PROFILE_REFUSED;
    }
    if (picture->xmp) set_xmp(png, info, picture->xmp);
    png_write_info(png, info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (picture->depth == 16) png_set_swap(png);
#endif
    writer->stride = (size_t)picture->width * picture->channels * (picture->depth / 8);
    return FX_PNG_WRITTEN;
}

int fx_png_writer_rows(fx_png_writer *writer, const void *pixels, uint32_t count) {
    if (setjmp(png_jmpbuf(writer->png))) return FX_PNG_FAILED;
    for (uint32_t y = 0; y < count; y++) {
        png_write_row(writer->png, (png_const_bytep)pixels + y * writer->stride);
    }
    return FX_PNG_WRITTEN;
}

int fx_png_writer_finish(fx_png_writer *writer, uint8_t **out, size_t *out_size) {
    *out = NULL;
    *out_size = 0;
    if (setjmp(png_jmpbuf(writer->png))) return FX_PNG_FAILED;
    png_write_end(writer->png, NULL);
    *out = writer->bytes;
    *out_size = writer->count;
    writer->bytes = NULL;
    return FX_PNG_WRITTEN;
}

const char *fx_png_writer_message(const fx_png_writer *writer) { return writer->message; }

void fx_png_writer_free(fx_png_writer *writer) {
    if (!writer) return;
    png_destroy_write_struct(&writer->png, &writer->info);
    free(writer->bytes);
    free(writer);
}

size_t fx_png_size(const fx_png_picture *picture, const void *pixels) {
    fx_png_writer *writer = fx_png_writer_new(-1);
    uint8_t *bytes = NULL;
    size_t size = SIZE_MAX, count = 0;
    if (writer && fx_png_writer_start(writer, picture) == FX_PNG_WRITTEN &&
        fx_png_writer_rows(writer, pixels, picture->height) == FX_PNG_WRITTEN &&
        fx_png_writer_finish(writer, &bytes, &count) == FX_PNG_WRITTEN)
        size = count;
    free(bytes);
    fx_png_writer_free(writer);
    return size;
}
