#pragma once
#include <stddef.h>
#include <stdint.h>

// ncurses is wrapped whole: its header is macros and mutable globals (stdscr, COLS, LINES), which Swift 6 refuses,
// and cchar_t can only be filled by C. Everything here runs on the main thread only, but for the signal handlers.

/// Columns that a character takes: -1 for what cannot be printed. wcwidth is not visible through Glibc.
/// LC_CTYPE must have been set by fx_use_utf8.
int fx_character_width(uint32_t scalar);

/// Puts LC_CTYPE to UTF-8 whatever the user's locale, which may not be generated. 0 when it worked.
int fx_use_utf8(void);

/// Enters the screen on standard input and output. 0, or -1 when TERM is unknown.
int fx_screen_start(void);
/// Leaves it; it may be started again by fx_screen_resume.
void fx_screen_suspend(void);
void fx_screen_resume(void);
/// Leaves it for good.
void fx_screen_end(void);
/// Colours that terminfo promises: 0, 8, 16, 88, 256…
int fx_screen_colors(void);
void fx_screen_resize(int rows, int columns);
/// The next flush repaints everything.
void fx_screen_invalidate(void);
/// The next flush repaints these rows.
void fx_screen_invalidate_rows(int first, int count);

enum { FX_BOLD = 1, FX_DIM = 2, FX_REVERSE = 4, FX_UNDERLINE = 8 };

/// Puts one cell. Colours are palette indices or -1 for the default. 0, or 1 when the colour pairs ran out and were
/// all forgotten, so that every cell must be put again.
int fx_screen_put(int row, int column, const uint32_t *scalars, int count, int attributes, int fg, int bg);
/// Shows a cursor there; a negative row hides it.
void fx_screen_cursor(int row, int column);
void fx_screen_flush(void);
/// The size of the terminal; 0 when there is one. Pixel sides may be 0.
int fx_terminal_size(int fd, int *rows, int *columns, int *width, int *height);

/// From now on SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT and SIGQUIT write their number as one byte to the
/// descriptor. In C, because only that is async-signal-safe.
void fx_signals_route(int descriptor);
/// Gives those signals their default action back.
void fx_signals_release(void);
/// Stops the process group, as the shell expects after Ctrl-Z, with the default action of SIGTSTP.
void fx_stop_self(void);

/// On SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT and SIGFPE: writes the bytes to standard output, puts the terminal's
/// modes back as they were before fx_screen_start, copies what `log` holds from its present end on to `saved_stderr`, and raises again.
void fx_crash_guard(const uint8_t *restore, size_t count, int log, int saved_stderr);
/// Turns the guard off.
void fx_crash_release(void);
