#pragma once

#include <sqlite3.h>

// Only tests link this.
//
// A layer between SQLite and its files (a VFS) is a table of C callbacks over structures that embed one another, which
// Swift cannot lay out.

typedef enum {
    FIXATIVE_DISK_WRITE,
    FIXATIVE_DISK_TRUNCATE,
    FIXATIVE_DISK_SYNC,
    FIXATIVE_DISK_DELETE,
} fixative_disk_operation;

/// Called before each operation that changes a watched file, on SQLite's thread.
///
/// For a write `offset` and `count` say where; for a truncation `offset` is the new size. Returns 0 to let it happen;
/// anything else makes it fail with an I/O error, with nothing done.
typedef int (*fixative_disk_hook)(
    const char *path, fixative_disk_operation operation, sqlite3_int64 offset, int count);

/// Becomes the process's default VFS. Files whose path begins with the prefix are watched; all others go straight to
/// the system's. Call once, before any database is opened.
///
/// Returns an SQLite result code.
int fixative_disk_watch(const char *prefix, fixative_disk_hook hook);
