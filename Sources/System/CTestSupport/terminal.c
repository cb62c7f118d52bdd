#include "include/shim.h"

#include <stdlib.h>
#include <vterm.h>

struct fixative_vterm {
    VTerm *vterm;
    VTermScreen *screen;
    int is_alternate;
    int is_cursor_visible;
};

static int on_property(VTermProp property, VTermValue *value, void *context) {
    fixative_vterm *terminal = context;
    if (property == VTERM_PROP_ALTSCREEN) terminal->is_alternate = value->boolean;
    if (property == VTERM_PROP_CURSORVISIBLE) terminal->is_cursor_visible = value->boolean;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

fixative_vterm *fixative_vterm_new(int rows, int columns) {
    fixative_vterm *terminal = calloc(1, sizeof *terminal);
    if (!terminal) return NULL;
    terminal->vterm = vterm_new(rows, columns);
    terminal->is_cursor_visible = 1;
    vterm_set_utf8(terminal->vterm, 1);
    terminal->screen = vterm_obtain_screen(terminal->vterm);
    vterm_screen_enable_altscreen(terminal->screen, 1);
    vterm_screen_set_callbacks(terminal->screen, &callbacks, terminal);
    vterm_screen_reset(terminal->screen, 1);
    return terminal;
}

void fixative_vterm_free(fixative_vterm *terminal) {
    vterm_free(terminal->vterm);
    free(terminal);
}

void fixative_vterm_resize(fixative_vterm *terminal, int rows, int columns) {
    vterm_set_size(terminal->vterm, rows, columns);
}

void fixative_vterm_write(fixative_vterm *terminal, const char *bytes, size_t count) {
    vterm_input_write(terminal->vterm, bytes, count);
}

size_t fixative_vterm_answer(fixative_vterm *terminal, char *bytes, size_t room) {
    return vterm_output_read(terminal->vterm, bytes, room);
}

uint32_t fixative_vterm_cell(const fixative_vterm *terminal, int row, int column, uint32_t *combining, int room) {
    VTermScreenCell cell;
    VTermPos position = {.row = row, .col = column};
    for (int index = 0; index < room; index++) combining[index] = 0;
    if (!vterm_screen_get_cell(terminal->screen, position, &cell)) return 0;
    // After the first zero the rest of the cell is not set.
    if (!cell.chars[0]) return 0;
    for (int index = 0; index < room && index + 1 < VTERM_MAX_CHARS_PER_CELL; index++) {
        if (!cell.chars[index + 1]) break;
        combining[index] = cell.chars[index + 1];
    }
    return cell.chars[0];
}

int fixative_vterm_is_reverse(const fixative_vterm *terminal, int row, int column) {
    VTermScreenCell cell;
    VTermPos position = {.row = row, .col = column};
    return vterm_screen_get_cell(terminal->screen, position, &cell) && cell.attrs.reverse;
}

int fixative_vterm_is_alternate(const fixative_vterm *terminal) { return terminal->is_alternate; }

int fixative_vterm_is_cursor_visible(const fixative_vterm *terminal) { return terminal->is_cursor_visible; }
