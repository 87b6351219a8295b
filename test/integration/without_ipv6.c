/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a program on a machine without IPv6: the kernel has none ("family"), or it is switched off ("address": ::1
 * cannot be had). Exit status 77 when this machine does not let us. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <errno.h>

/* socket(AF_INET6, …) fails, as with ipv6.disable=1 on the kernel's command line. */
static int take_the_family(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* A network of its own, where net.ipv6.conf.all.disable_ipv6 is 1 and lo is up. */
static int take_the_addresses(void)
{
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return 0;
    FILE *disable = fopen("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w");
    if (disable != NULL) {
        fputs("1\n", disable);
        if (fclose(disable) != 0)
            return 0;
    }
    struct ifreq lo;
    memset(&lo, 0, sizeof lo);
    strcpy(lo.ifr_name, "lo");
    lo.ifr_flags = IFF_UP | IFF_LOOPBACK;
    const int any = socket(AF_INET, SOCK_DGRAM, 0);
    const int up = any >= 0 && ioctl(any, SIOCSIFFLAGS, &lo) == 0;
    close(any);
    return up;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    if (!(strcmp(argv[1], "family") == 0 ? take_the_family() : take_the_addresses()))
        return 77;
    execv(argv[2], argv + 2);
    return 127;
}
