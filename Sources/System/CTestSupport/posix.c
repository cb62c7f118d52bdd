#define _GNU_SOURCE
#include "include/shim.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int fixative_test_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int fixative_test_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

int fixative_test_open_terminal(char *path, size_t room) {
    int primary = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (primary < 0) return -1;
    if (grantpt(primary) || unlockpt(primary) || ptsname_r(primary, path, room)) {
        close(primary);
        return -1;
    }
    return primary;
}

int fixative_test_add_directory(posix_spawn_file_actions_t *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}

short fixative_test_session_flag(void) { return POSIX_SPAWN_SETSID; }
