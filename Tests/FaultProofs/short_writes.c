/* Preloaded into a program under test: its n-th write is short, as POSIX allows any write to be. strace cannot do that:
 * it can only leave a call out. SHORT_WRITE_AT says which; writes to pipes, terminals and sockets do not count. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_int made;

static size_t allowed(int file, size_t count) {
    struct stat facts;
    const char *text = getenv("SHORT_WRITE_AT");
    if (!text || count < 2 || fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) return count;
    return atomic_fetch_add(&made, 1) + 1 == atoi(text) ? count / 2 : count;
}

ssize_t write(int file, const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    return real(file, bytes, allowed(file, count));
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    return real(file, bytes, allowed(file, count), offset);
}
