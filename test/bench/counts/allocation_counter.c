// SPDX-License-Identifier: LGPL-2.1-or-later
// Counts what a program allocates, libraries and all threads included. For LD_PRELOAD; ALLOCATION_COUNT names the file
// of two 64-bit numbers in which it counts, so that a test can read them while the program runs.
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// glibc's own, which malloc() and the others are aliases of: dlsym() would allocate before it finds them.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

struct counts {
    _Atomic uint64_t allocations;
    _Atomic int64_t to_show; // of so many more the callers are written to standard error
};

static struct counts unread;
static struct counts *counts = &unread;

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("ALLOCATION_COUNT");
    const int fd = file == NULL ? -1 : open(file, O_RDWR | O_CLOEXEC);
    void *shared = fd == -1 ? MAP_FAILED : mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED) {
        static const char problem[] = "allocation_counter: ALLOCATION_COUNT is no file to count in\n";
        (void)!write(STDERR_FILENO, problem, sizeof problem - 1);
        _exit(1);
    }
    close(fd);
    void *frame;
    backtrace(&frame, 1); // loads what it needs, which allocates
    counts = shared;
}

static void count(void)
{
    atomic_fetch_add_explicit(&counts->allocations, 1, memory_order_relaxed);
    if (atomic_load_explicit(&counts->to_show, memory_order_relaxed) <= 0 || atomic_fetch_sub(&counts->to_show, 1) <= 0)
        return;
    static const char head[] = "allocation:\n";
    void *frames[24];
    const int depth = backtrace(frames, sizeof frames / sizeof *frames);
    (void)!write(STDERR_FILENO, head, sizeof head - 1);
    backtrace_symbols_fd(frames + 2, depth - 2, STDERR_FILENO); // without count(), and without what called it
}

void *malloc(size_t size)
{
    count();
    return __libc_malloc(size);
}

void *calloc(size_t members, size_t size)
{
    count();
    return __libc_calloc(members, size);
}

void *realloc(void *old, size_t size)
{
    count();
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size)
{
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
    count();
    *result = __libc_memalign(alignment, size);
    return *result == NULL ? 12 : 0;
}
