#include "shim.h"

#include <stdio.h>

#include <jpeglib.h>

#include <errno.h>
#include <jerror.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// More scans than any sensible progressive script has; each costs a pass over the whole picture.
#define MAXIMUM_SCANS 100

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf escape;
    /// Data ended before the end-of-image marker.
    int ended_early;
    /// Entropy-coded data did not decode: part of the picture is made up.
    int damaged;
    char message[FX_JPEG_MESSAGE_SIZE];
} error_state;

static void on_error(j_common_ptr info) {
    error_state *state = (error_state *)info->err;
    char text[JMSG_LENGTH_MAX];
    state->base.format_message(info, text);
    strncpy(state->message, text, FX_JPEG_MESSAGE_SIZE - 1);
    longjmp(state->escape, 1);
}

static void on_message(j_common_ptr info, int level) {
    error_state *state = (error_state *)info->err;
    if (level >= 0) return;
    switch (state->base.msg_code) {
    case JWRN_JPEG_EOF: state->ended_early = 1; break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC: state->damaged = 1; break;
    default: break;
    }
}

static void print_nothing(j_common_ptr info) { (void)info; }

static struct jpeg_error_mgr *set_up_errors(error_state *state) {
    jpeg_std_error(&state->base);
    state->base.error_exit = on_error;
    state->base.emit_message = on_message;
    state->base.output_message = print_nothing;
    return &state->base;
}

// Reading

struct fx_jpeg_reader {
    struct jpeg_decompress_struct info;
    struct jpeg_progress_mgr progress;
    error_state errors;
    const uint8_t *data;
    size_t size;
    int created;
};

static void count_scans(j_common_ptr info) {
    if (((j_decompress_ptr)info)->input_scan_number > MAXIMUM_SCANS) {
        error_state *state = (error_state *)info->err;
        strcpy(state->message, "too many scans");
        longjmp(state->escape, 1);
    }
}

fx_jpeg_reader *fx_jpeg_reader_new(const uint8_t *data, size_t size) {
    fx_jpeg_reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->data = data;
    reader->size = size;
    return reader;
}

static void describe(const fx_jpeg_reader *reader, uint32_t width, uint32_t height, fx_jpeg_header *header) {
    header->width = width;
    header->height = height;
    header->channels = reader->info.out_color_space == JCS_GRAYSCALE ? 1
                       : reader->info.out_color_space == JCS_RGB     ? 3
                                                                     : 4;
    header->has_adobe_marker = reader->info.saw_Adobe_marker;
}

int fx_jpeg_reader_header(fx_jpeg_reader *reader, fx_jpeg_header *header) {
    reader->info.err = set_up_errors(&reader->errors);
    if (setjmp(reader->errors.escape)) return 0;
    jpeg_create_decompress(&reader->info);
    reader->created = 1;
    reader->progress.progress_monitor = count_scans;
    reader->info.progress = &reader->progress;
    jpeg_mem_src(&reader->info, reader->data, reader->size);
    jpeg_read_header(&reader->info, TRUE);
    switch (reader->info.num_components) {
    case 1: reader->info.out_color_space = JCS_GRAYSCALE; break;
    case 3: reader->info.out_color_space = JCS_RGB; break;
    case 4: reader->info.out_color_space = JCS_CMYK; break;
    default: ERREXIT(&reader->info, JERR_CONVERSION_NOTIMPL);
    }
    describe(reader, reader->info.image_width, reader->info.image_height, header);
    return 1;
}

int fx_jpeg_reader_start(fx_jpeg_reader *reader, int denominator, fx_jpeg_header *header) {
    if (setjmp(reader->errors.escape)) return 0;
    reader->info.scale_num = 1;
    reader->info.scale_denom = (unsigned)denominator;
    reader->info.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&reader->info);
    describe(reader, reader->info.output_width, reader->info.output_height, header);
    if (reader->info.output_components != header->channels) ERREXIT(&reader->info, JERR_CONVERSION_NOTIMPL);
    return 1;
}

int fx_jpeg_reader_rows(fx_jpeg_reader *reader, uint8_t *rows, size_t stride, uint32_t count) {
    if (setjmp(reader->errors.escape)) return 0;
    if (stride < (size_t)reader->info.output_width * (size_t)reader->info.output_components) return 0;
    for (uint32_t y = 0; y < count; y++) {
        JSAMPROW row = rows + y * stride;
        if (jpeg_read_scanlines(&reader->info, &row, 1) != 1) return 0;
    }
    return 1;
}

int fx_jpeg_reader_finish(fx_jpeg_reader *reader) {
    if (setjmp(reader->errors.escape)) return 0;
    jpeg_finish_decompress(&reader->info);
    // Only the end marker missing after a single scan: every pixel was there. Later scans are another matter.
    int cut_off = reader->errors.ended_early && jpeg_has_multiple_scans(&reader->info);
    return !reader->errors.damaged && !cut_off;
}

const char *fx_jpeg_reader_message(const fx_jpeg_reader *reader) { return reader->errors.message; }

void fx_jpeg_reader_free(fx_jpeg_reader *reader) {
    if (!reader) return;
    if (reader->created) jpeg_destroy_decompress(&reader->info);
    free(reader);
}

// Writing

/// libjpeg's own memory destination leaves a stale pointer behind when it fails after growing; this one does not.
typedef struct {
    struct jpeg_destination_mgr base;
    /// −1: the file grows in memory.
    int descriptor;
    uint8_t *bytes;
    size_t count;
    size_t capacity;
} destination;

struct fx_jpeg_writer {
    struct jpeg_compress_struct info;
    error_state errors;
    destination target;
    size_t stride;
    int created;
};

static void grow(j_compress_ptr info, size_t capacity) {
    destination *target = (destination *)info->dest;
    uint8_t *bytes = realloc(target->bytes, capacity);
    if (!bytes) ERREXIT1(info, JERR_OUT_OF_MEMORY, 10);
    size_t used = target->capacity;
    target->bytes = bytes;
    target->capacity = capacity;
    target->base.next_output_byte = bytes + used;
    target->base.free_in_buffer = capacity - used;
}

/// Writes the buffer to the file and empties it.
static void spill(j_compress_ptr info, size_t count) {
    destination *target = (destination *)info->dest;
    const uint8_t *source = target->bytes;
    while (count > 0) {
        ssize_t written = write(target->descriptor, source, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) ERREXIT(info, JERR_FILE_WRITE);
        source += written;
        count -= (size_t)written;
    }
    target->base.next_output_byte = target->bytes;
    target->base.free_in_buffer = target->capacity;
}

static void begin_output(j_compress_ptr info) { grow(info, 1 << 16); }

static boolean continue_output(j_compress_ptr info) {
    destination *target = (destination *)info->dest;
    if (target->descriptor >= 0) {
        spill(info, target->capacity);
    } else {
        grow(info, target->capacity * 2);
    }
    return TRUE;
}

static void end_output(j_compress_ptr info) {
    destination *target = (destination *)info->dest;
    target->count = target->capacity - target->base.free_in_buffer;
    if (target->descriptor >= 0) spill(info, target->count);
}

static void set_up(j_compress_ptr info, const fx_jpeg_picture *picture) {
    info->image_width = picture->width;
    info->image_height = picture->height;
    info->input_components = picture->channels;
    info->in_color_space = picture->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, picture->quality, TRUE);
    info->dct_method = JDCT_ISLOW;
    // Tables made for the picture need all its coefficients in memory: not for the largest.
    info->optimize_coding = (uint64_t)picture->width * picture->height <= (32u << 20);
    if (picture->channels == 3) {
        info->comp_info[0].h_samp_factor = picture->chroma_step;
        info->comp_info[0].v_samp_factor = picture->chroma_step;
    }
}

fx_jpeg_writer *fx_jpeg_writer_new(int descriptor) {
    fx_jpeg_writer *writer = calloc(1, sizeof *writer);
    if (!writer) return NULL;
    writer->info.err = set_up_errors(&writer->errors);
    writer->target.descriptor = descriptor;
    return writer;
}

int fx_jpeg_writer_start(fx_jpeg_writer *writer, const fx_jpeg_picture *picture) {
    j_compress_ptr info = &writer->info;
    if (setjmp(writer->errors.escape)) return 0;
    jpeg_create_compress(info);
    writer->created = 1;
    writer->target.base.init_destination = begin_output;
    writer->target.base.empty_output_buffer = continue_output;
    writer->target.base.term_destination = end_output;
    info->dest = &writer->target.base;
    set_up(info, picture);
    jpeg_start_compress(info, TRUE);
    if (picture->xmp_segment) {
        jpeg_write_marker(info, JPEG_APP0 + 1, picture->xmp_segment, (unsigned)picture->xmp_segment_size);
    }
    if (picture->icc) jpeg_write_icc_profile(info, picture->icc, (unsigned)picture->icc_size);
    writer->stride = (size_t)picture->width * picture->channels;
    return 1;
}

int fx_jpeg_writer_rows(fx_jpeg_writer *writer, const uint8_t *pixels, uint32_t count) {
    if (setjmp(writer->errors.escape)) return 0;
    for (uint32_t y = 0; y < count; y++) {
        JSAMPROW row = (JSAMPROW)pixels + y * writer->stride;
        jpeg_write_scanlines(&writer->info, &row, 1);
    }
    return 1;
}

int fx_jpeg_writer_finish(fx_jpeg_writer *writer, uint8_t **out, size_t *out_size) {
    *out = NULL;
    *out_size = 0;
    if (setjmp(writer->errors.escape)) return 0;
    jpeg_finish_compress(&writer->info);
    if (writer->target.descriptor < 0) {
        *out = writer->target.bytes;
        *out_size = writer->target.count;
        writer->target.bytes = NULL;
    }
    return 1;
}

const char *fx_jpeg_writer_message(const fx_jpeg_writer *writer) { return writer->errors.message; }

void fx_jpeg_writer_free(fx_jpeg_writer *writer) {
    if (!writer) return;
    if (writer->created) jpeg_destroy_compress(&writer->info);
    free(writer->target.bytes);
    free(writer);
}
