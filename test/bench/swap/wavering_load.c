/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded into a server whose threads follow the load: each thread seems to need all of a processor for a while, and
 * nothing for another while, and of the machine's processors nothing is to be learned. So threads come and go, as often
 * as the server allows, whatever there is to do. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

enum { SECOND = 1000000000 };

/* Long enough to be noticed (plugin/workers/scaling.cpp). */
static const long long busy_for = 7LL * SECOND / 10, period = 22LL * SECOND / 10;

typedef int (*ClockGettime)(clockid_t, struct timespec *);
typedef int (*Open)(const char *, int, ...);

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *time)
{
    static ClockGettime real;
    if (real == NULL)
        real = (ClockGettime)dlsym(RTLD_NEXT, "clock_gettime");
    const int is_of_a_thread = clock == CLOCK_THREAD_CPUTIME_ID || clock < 0; /* pthread_getcpuclockid() */
    const int result = real(is_of_a_thread ? CLOCK_MONOTONIC : clock, time);
    if (result == 0 && is_of_a_thread) {
        const long long now = time->tv_sec * (long long)SECOND + time->tv_nsec, since = now % period;
        const long long busy = now / period * busy_for + (since < busy_for ? since : busy_for);
        time->tv_sec = (time_t)(busy / SECOND);
        time->tv_nsec = (long)(busy % SECOND);
    }
    return result;
}

/* By large file support its name is open64(), here and in the server. */
__attribute__((visibility("default"))) int open(const char *path, int flags, ...)
{
    if (strcmp(path, "/proc/stat") == 0) {
        errno = ENOENT;
        return -1;
    }
    va_list more;
    va_start(more, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
    va_end(more);
    return ((Open)dlsym(RTLD_NEXT, "open64"))(path, flags, mode);
}
