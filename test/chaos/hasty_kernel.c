/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded into a program: the kernel has a sixtieth of the patience with its peers that the program wants, so that a
 * test need not wait for minutes. */
#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

enum { haste = 60 };

__attribute__((visibility("default"))) int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
    static int (*real)(int, int, int, const void *, socklen_t);
    if (real == NULL)
        real = (int (*)(int, int, int, const void *, socklen_t))dlsym(RTLD_NEXT, "setsockopt");
    const int is_time = option == TCP_USER_TIMEOUT || option == TCP_KEEPIDLE || option == TCP_KEEPINTVL;
    if (level != IPPROTO_TCP || !is_time || size != sizeof(int))
        return real(fd, level, option, value, size);
    const int soon = *(const int *)value / haste;
    return real(fd, level, option, &soon, sizeof soon);
}
