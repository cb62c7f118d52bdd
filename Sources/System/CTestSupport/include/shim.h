#pragma once

#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Only tests link this.
//
// Calls that glibc declares under _GNU_SOURCE or _XOPEN_SOURCE only, where Swift does not see them.

/// A pipe (reading end first) that children do not inherit.
int fixative_test_pipe(int ends[2]);
/// Takes a connection that children do not inherit.
int fixative_test_accept(int listener);
/// Opens a pseudo-terminal that children do not inherit and writes the path of its other side.
int fixative_test_open_terminal(char *path, size_t room);
int fixative_test_add_directory(posix_spawn_file_actions_t *actions, const char *path);
/// The flag that starts a session of its own.
short fixative_test_session_flag(void);

// libvterm tells state changes by callbacks with bit fields and unions, which are plainer to keep here than in Swift.

typedef struct fixative_vterm fixative_vterm;

fixative_vterm *fixative_vterm_new(int rows, int columns);
void fixative_vterm_free(fixative_vterm *terminal);
void fixative_vterm_resize(fixative_vterm *terminal, int rows, int columns);
/// Feeds what the program wrote.
void fixative_vterm_write(fixative_vterm *terminal, const char *bytes, size_t count);
/// Takes what the terminal answers (replies to queries); returns the number of bytes.
size_t fixative_vterm_answer(fixative_vterm *terminal, char *bytes, size_t room);
/// The first code point of a cell: 0 for an empty cell, UINT32_MAX for the right half of a wide character.
uint32_t fixative_vterm_cell(const fixative_vterm *terminal, int row, int column, uint32_t *combining, int room);
/// 1 while the cell is shown in reverse video.
int fixative_vterm_is_reverse(const fixative_vterm *terminal, int row, int column);
int fixative_vterm_is_alternate(const fixative_vterm *terminal);
int fixative_vterm_is_cursor_visible(const fixative_vterm *terminal);
