#define _XOPEN_SOURCE_EXTENDED 1
#define _GNU_SOURCE 1
#define NCURSES_WIDECHAR 1
#include "shim.h"

#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

int fx_character_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

int fx_use_utf8(void) {
    if (setlocale(LC_CTYPE, "C.UTF-8")) return 0;
    if (setlocale(LC_CTYPE, "en_US.UTF-8")) return 0;
    return setlocale(LC_CTYPE, "") ? 0 : -1;
}

// capabilities.c
SCREEN *fx_newterm_without_scrolling(void);

static SCREEN *screen;
static int colored;

static void set_modes(void) {
    cbreak();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    // Keys are decoded by ourselves, so nothing may look at the input: no keypad, no type-ahead check.
    keypad(stdscr, FALSE);
    typeahead(-1);
    scrollok(stdscr, FALSE);
    // Character shifting would move raw pictures that ncurses does not know of, as line shifting would.
    idlok(stdscr, FALSE);
    idcok(stdscr, FALSE);
    curs_set(0);
    // Ctrl-S and Ctrl-Q are keys.
    struct termios mode;
    if (tcgetattr(STDIN_FILENO, &mode) == 0) {
        mode.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
        mode.c_cc[VLNEXT] = _POSIX_VDISABLE;
        mode.c_cc[VDISCARD] = _POSIX_VDISABLE;
        tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
        def_prog_mode();
    }
}

/// The terminal's modes before it was ours.
static struct termios original_modes;
static int has_original_modes;

int fx_screen_start(void) {
    if (screen) return 0;
    has_original_modes = tcgetattr(STDIN_FILENO, &original_modes) == 0;
    screen = fx_newterm_without_scrolling();
    if (!screen) return -1;
    colored = has_colors() && start_color() == OK && use_default_colors() == OK;
    set_modes();
    return 0;
}

void fx_screen_suspend(void) {
    if (!screen) return;
    curs_set(1);
    endwin();
}

void fx_screen_resume(void) {
    if (!screen) return;
    reset_prog_mode();
    // Only this enters the alternate screen again: whatever is written before it lands on the shell's screen.
    doupdate();
    set_modes();
    clearok(curscr, TRUE);
}

void fx_screen_end(void) {
    if (!screen) return;
    curs_set(1);
    // Without an alternate screen the shell's next line would be written into ours.
    const char *leave = tigetstr("rmcup");
    if (!leave || leave == (char *)-1) {
        erase();
        refresh();
    }
    endwin();
    delscreen(screen);
    screen = NULL;
}

int fx_screen_colors(void) { return colored ? COLORS : 0; }
void fx_screen_resize(int rows, int columns) {
    resizeterm(rows, columns);
    clearok(curscr, TRUE);
}
void fx_screen_invalidate(void) { clearok(curscr, TRUE); }
void fx_screen_invalidate_rows(int first, int count) { wredrawln(stdscr, first, count); }

int fx_screen_put(int row, int column, const uint32_t *scalars, int count, int attributes, int fg, int bg) {
    int result = 0, pair = 0;
    if (colored && (fg >= 0 || bg >= 0)) {
        if (fg >= COLORS) fg = -1;
        if (bg >= COLORS) bg = -1;
        pair = alloc_pair(fg, bg);
        if (pair < 0) {
            // The table is full, and freeing single pairs does not help.
            reset_color_pairs();
            result = 1;
            pair = alloc_pair(fg, bg);
            if (pair < 0) pair = 0;
        }
    }
    attr_t attr = 0;
    if (attributes & FX_BOLD) attr |= A_BOLD;
    if (attributes & FX_DIM) attr |= A_DIM;
    if (attributes & FX_REVERSE) attr |= A_REVERSE;
    if (attributes & FX_UNDERLINE) attr |= A_UNDERLINE;
    wchar_t text[CCHARW_MAX + 1] = {0};
    for (int i = 0; i < count && i < CCHARW_MAX; i++) text[i] = (wchar_t)scalars[i];
    cchar_t cell;
    if (setcchar(&cell, text, attr, 0, &pair) != OK) setcchar(&cell, L"?", attr, 0, &pair);
    mvadd_wch(row, column, &cell);
    return result;
}

static int cursor_row = -1, cursor_column;

void fx_screen_cursor(int row, int column) {
    if ((row < 0) != (cursor_row < 0)) curs_set(row < 0 ? 0 : 1);
    cursor_row = row;
    cursor_column = column;
}

void fx_screen_flush(void) {
    move(cursor_row < 0 ? 0 : cursor_row, cursor_row < 0 ? 0 : cursor_column);
    refresh();
}

int fx_terminal_size(int fd, int *rows, int *columns, int *width, int *height) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return -1;
    *rows = size.ws_row;
    *columns = size.ws_col;
    *width = size.ws_xpixel;
    *height = size.ws_ypixel;
    return 0;
}

static volatile sig_atomic_t route = -1;
static const int routed[] = {SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT, SIGQUIT};

static void forward(int number) {
    int kept = errno;
    uint8_t byte = (uint8_t)number;
    if (route >= 0 && write(route, &byte, 1) < 0) {
        // A full pipe already wakes the reader.
    }
    errno = kept;
}

void fx_signals_route(int descriptor) {
    route = descriptor;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = forward;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof routed / sizeof *routed; i++) sigaction(routed[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

void fx_signals_release(void) {
    for (size_t i = 0; i < sizeof routed / sizeof *routed; i++) signal(routed[i], SIG_DFL);
    route = -1;
}

void fx_stop_self(void) {
    signal(SIGTSTP, SIG_DFL);
    kill(0, SIGTSTP);
}

static const int fatal[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
static const uint8_t *crash_bytes;
static size_t crash_count;
static int crash_log = -1, crash_stderr = -1;
static off_t crash_start;

static void put_all(int fd, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written <= 0) return;
        bytes += written;
        count -= (size_t)written;
    }
}

static void crashed(int number) {
    put_all(STDOUT_FILENO, crash_bytes, crash_count);
    tcsetattr(STDIN_FILENO, TCSANOW, &original_modes);
    if (crash_log >= 0 && crash_stderr >= 0) {
        uint8_t piece[512];
        off_t at = crash_start;
        ssize_t got;
        while ((got = pread(crash_log, piece, sizeof piece, at)) > 0) {
            put_all(crash_stderr, piece, (size_t)got);
            at += got;
        }
    }
    signal(number, SIG_DFL);
    raise(number);
}

void fx_crash_guard(const uint8_t *restore, size_t count, int log, int saved_stderr) {
    uint8_t *copy = malloc(count);
    if (!copy || !has_original_modes) {
        free(copy);
        return;
    }
    memcpy(copy, restore, count);
    crash_bytes = copy;
    crash_count = count;
    crash_log = log;
    crash_stderr = saved_stderr;
    crash_start = log >= 0 ? lseek(log, 0, SEEK_END) : 0;
    // A stack of its own, so that a stack overflow is survived too.
    static uint8_t stack[64 * 1024];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 0};
    sigaltstack(&alternate, NULL);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = crashed;
    action.sa_flags = (int)(SA_RESETHAND | SA_ONSTACK);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) sigaction(fatal[i], &action, NULL);
}

void fx_crash_release(void) {
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) signal(fatal[i], SIG_DFL);
    free((void *)crash_bytes);
    crash_bytes = NULL;
    crash_count = 0;
}
