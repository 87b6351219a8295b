/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "shell.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char input[65536];
static size_t filled, taken;
static bool ended;

bool shell_arguments(int argc, char **argv, struct account *account)
{
    if (argc != 7 && argc != 9 && argc != 10)
        return false;
    account->port = (unsigned short)atoi(argv[1]);
    account->host = argv[2];
    account->user = argv[3];
    account->resource = argv[4];
    account->password = argv[5];
    account->digest = strcmp(argv[6], "digest") == 0;
    account->tls = strcmp(argv[6], "starttls") == 0 ? STARTTLS : strcmp(argv[6], "direct") == 0 ? DIRECT_TLS : NO_TLS;
    if ((account->tls != NO_TLS) != (argc > 7))
        return false;
    account->mechanism = argc > 7 && strcmp(argv[7], "any") != 0 ? argv[7] : NULL;
    account->ca_file = argc > 7 ? argv[8] : NULL;
    account->registers = argc == 10 && strcmp(argv[9], "register") == 0;
    snprintf(account->jid, sizeof account->jid, "%s@%s/%s", account->user, account->host, account->resource);
    return true;
}

static void read_more(void)
{
    struct pollfd descriptor = {STDIN_FILENO, POLLIN, 0};
    if (ended || filled == sizeof input || poll(&descriptor, 1, 0) <= 0)
        return;
    ssize_t size = read(STDIN_FILENO, input + filled, sizeof input - filled);
    if (size > 0)
        filled += (size_t)size;
    else
        ended = true;
}

enum order shell_next(const char **to, const char **body)
{
    memmove(input, input + taken, filled - taken);
    filled -= taken;
    taken = 0;
    read_more();
    char *end = memchr(input, '\n', filled);
    if (end == NULL)
        return ended ? ORDER_QUIT : ORDER_NONE;
    *end = '\0';
    taken = (size_t)(end - input) + 1;
    char *space = strchr(input, ' ');
    if (space == NULL)
        return ORDER_NONE;
    *space = '\0';
    *to = input;
    *body = space + 1;
    return ORDER_SEND;
}

void shell_say(const char *what, const char *body)
{
    printf("%s%s%s\n", what, body == NULL ? "" : " ", body == NULL ? "" : body);
    fflush(stdout);
}
