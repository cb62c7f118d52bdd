#include "shim.h"

#include <string.h>

// A watched file: SQLite allocates room for this and, right behind it, for the system's own file.
typedef struct {
    sqlite3_file base;
    const char *path;
    sqlite3_file *real;
} watched_file;

static sqlite3_vfs *system_vfs;
static sqlite3_vfs own_vfs;
static fixative_disk_hook disk_hook;
static char watched_prefix[512];

static sqlite3_file *real(sqlite3_file *file) { return ((watched_file *)file)->real; }

static int refuses(sqlite3_file *file, fixative_disk_operation operation, sqlite3_int64 offset, int count) {
    return disk_hook(((watched_file *)file)->path, operation, offset, count) != 0;
}

static int file_close(sqlite3_file *file) {
    sqlite3_file *inner = real(file);
    return inner->pMethods ? inner->pMethods->xClose(inner) : SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    return real(file)->pMethods->xRead(real(file), bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    if (refuses(file, FIXATIVE_DISK_WRITE, offset, count)) return SQLITE_IOERR_WRITE;
    return real(file)->pMethods->xWrite(real(file), bytes, count, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    if (refuses(file, FIXATIVE_DISK_TRUNCATE, size, 0)) return SQLITE_IOERR_TRUNCATE;
    return real(file)->pMethods->xTruncate(real(file), size);
}

static int file_sync(sqlite3_file *file, int flags) {
    if (refuses(file, FIXATIVE_DISK_SYNC, 0, 0)) return SQLITE_IOERR_FSYNC;
    return real(file)->pMethods->xSync(real(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int level) { return real(file)->pMethods->xLock(real(file), level); }
static int file_unlock(sqlite3_file *file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }

static int file_check_lock(sqlite3_file *file, int *is_reserved) {
    return real(file)->pMethods->xCheckReservedLock(real(file), is_reserved);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

static int file_sector(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }

static int file_characteristics(sqlite3_file *file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }

static int file_shm_unmap(sqlite3_file *file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}

// Version 2: no memory mapping, so that every change comes through here.
static const sqlite3_io_methods watched_methods = {
    2,
    file_close,
    file_read,
    file_write,
    file_truncate,
    file_sync,
    file_size,
    file_lock,
    file_unlock,
    file_check_lock,
    file_control,
    file_sector,
    file_characteristics,
    file_shm_map,
    file_shm_lock,
    file_shm_barrier,
    file_shm_unmap,
    0,
    0,
};

static int is_watched(const char *path) {
    return path && strncmp(path, watched_prefix, strlen(watched_prefix)) == 0;
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *flags_out) {
    (void)vfs;
    if (!is_watched(path)) return system_vfs->xOpen(system_vfs, path, file, flags, flags_out);
    watched_file *watched = (watched_file *)file;
    watched->path = path;
    watched->real = (sqlite3_file *)(watched + 1);
    memset(watched->real, 0, (size_t)system_vfs->szOsFile);
    int code = system_vfs->xOpen(system_vfs, path, watched->real, flags, flags_out);
    file->pMethods = watched->real->pMethods ? &watched_methods : 0;
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_directory) {
    (void)vfs;
    if (is_watched(path) && disk_hook(path, FIXATIVE_DISK_DELETE, 0, 0) != 0) return SQLITE_IOERR_DELETE;
    return system_vfs->xDelete(system_vfs, path, sync_directory);
}

int fixative_disk_watch(const char *prefix, fixative_disk_hook hook) {
    if (system_vfs || strlen(prefix) >= sizeof watched_prefix) return SQLITE_MISUSE;
    int code = sqlite3_initialize();
    if (code != SQLITE_OK) return code;
    system_vfs = sqlite3_vfs_find(0);
    disk_hook = hook;
    strcpy(watched_prefix, prefix);
    // Everything but opening and deleting is the system's own, asked with the system's own table.
    own_vfs = *system_vfs;
    own_vfs.szOsFile = (int)sizeof(watched_file) + system_vfs->szOsFile;
    own_vfs.zName = "fixative-watched";
    own_vfs.pNext = 0;
    own_vfs.xOpen = vfs_open;
    own_vfs.xDelete = vfs_delete;
    return sqlite3_vfs_register(&own_vfs, 1);
}
