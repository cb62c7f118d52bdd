// A terminal description without the capabilities that move lines.
//
// ncurses moves lines by scroll regions wherever the terminal can, even where idlok() is off. Raw pictures, of which it
// does not know, would move along and stay in the wrong place. It decides in newterm(), and later changes to the
// entry's public copy do not reach it, so it gets an entry of our own by $TERMINFO in its "hex:" form (terminfo(5),
// "Fetching Compiled Descriptions"). Extended capabilities are left out: ncurses needs none of them here.
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>

// shim.h has parameters named like macros of term.h.
SCREEN *fx_newterm_without_scrolling(void);

static const char *const moving[] = {"csr", "ind", "ri", "indn", "rin", "il1", "dl1", "il", "dl"};

static int moves_lines(const char *name) {
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
        if (strcmp(name, moving[i]) == 0) return 1;
    return 0;
}

/// Obsolete names, which compiled entries do not hold, stand at the end of each table.
static int is_stored(NCURSES_CONST char *name) { return name && strncmp(name, "OT", 2) != 0; }

struct entry {
    unsigned char bytes[12288];
    size_t used;
    int full;
};

static void add(struct entry *entry, int value) {
    if (entry->used < sizeof entry->bytes) entry->bytes[entry->used++] = (unsigned char)value;
    else entry->full = 1;
}

static void add16(struct entry *entry, int value) { add(entry, value), add(entry, value >> 8); }
static void add32(struct entry *entry, int value) { add16(entry, value), add16(entry, value >> 16); }

/// The present terminal's entry in the format with 32-bit numbers of term(5). 0 when it does not fit.
static int compile(struct entry *entry, const char *name) {
    int booleans = 0, numbers = 0, strings = 0, length = 0;
    while (is_stored(boolnames[booleans])) booleans++;
    while (is_stored(numnames[numbers])) numbers++;
    while (is_stored(strnames[strings])) {
        const char *value = moves_lines(strnames[strings]) ? NULL : tigetstr(strnames[strings]);
        if (value && value != (char *)-1) length += (int)strlen(value) + 1;
        strings++;
    }
    int name_length = (int)strlen(name) + 1;
    add16(entry, 01036), add16(entry, name_length), add16(entry, booleans), add16(entry, numbers);
    add16(entry, strings), add16(entry, length);
    for (int i = 0; i < name_length; i++) add(entry, name[i]);
    for (int i = 0; i < booleans; i++) add(entry, tigetflag(boolnames[i]) > 0);
    if (entry->used % 2) add(entry, 0);
    for (int i = 0; i < numbers; i++) {
        int value = tigetnum(numnames[i]);
        add32(entry, value < 0 ? -1 : value);
    }
    int offset = 0;
    for (int i = 0; i < strings; i++) {
        const char *value = moves_lines(strnames[i]) ? NULL : tigetstr(strnames[i]);
        int present = value && value != (char *)-1;
        add16(entry, present ? offset : -1);
        if (present) offset += (int)strlen(value) + 1;
    }
    for (int i = 0; i < strings; i++) {
        const char *value = moves_lines(strnames[i]) ? NULL : tigetstr(strnames[i]);
        if (!value || value == (char *)-1) continue;
        for (const char *at = value;; at++) {
            add(entry, *at);
            if (!*at) break;
        }
    }
    return !entry->full && length < 32768;
}

SCREEN *fx_newterm_without_scrolling(void) {
    const char *name = getenv("TERM");
    int found = 0;
    if (!name || setupterm(NULL, 1, &found) != OK || found != 1) return NULL;
    struct entry *entry = calloc(1, sizeof *entry);
    char *text = entry && compile(entry, name) ? malloc(entry->used * 2 + 5) : NULL;
    const char *present = getenv("TERMINFO");
    char *kept = present ? strdup(present) : NULL;
    if (text) {
        static const char digits[] = "0123456789abcdef";
        char *out = text + strlen(strcpy(text, "hex:"));
        for (size_t i = 0; i < entry->used; i++) {
            *out++ = digits[entry->bytes[i] >> 4];
            *out++ = digits[entry->bytes[i] & 15];
        }
        *out = 0;
        setenv("TERMINFO", text, 1);
    }
    SCREEN *screen = newterm(NULL, stdout, stdin);
    // Programs that are started from here get what the user had.
    if (kept) setenv("TERMINFO", kept, 1);
    else unsetenv("TERMINFO");
    free(kept);
    free(text);
    free(entry);
    return screen;
}
