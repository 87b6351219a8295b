/* SPDX-License-Identifier: MIT */
/* Where clients come in. */
#include "plain.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

static socklen_t parse(const char *address, const char *port, struct sockaddr_storage *parsed)
{
    char *end;
    const unsigned long number = strtoul(port, &end, 10);
    memset(parsed, 0, sizeof *parsed);
    if (*port == '\0' || *end != '\0' || number > 65535)
        return 0;
    struct sockaddr_in *v4 = (struct sockaddr_in *)parsed;
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)number);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)parsed;
    if (inet_pton(AF_INET6, address, &v6->sin6_addr) != 1)
        return 0;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)number);
    return sizeof *v6;
}

static void name_of(const struct sockaddr_storage *address, char *name, size_t room)
{
    char host[INET6_ADDRSTRLEN] = "";
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    const bool is_v6 = address->ss_family == AF_INET6;
    inet_ntop(address->ss_family, is_v6 ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr, host,
              sizeof host);
    snprintf(name, room, is_v6 ? "[%s]:%u" : "%s:%u", host, ntohs(is_v6 ? v6->sin6_port : v4->sin_port));
}

bool listener_configure(struct listener *listener, const char *address, const char *port)
{
    struct sockaddr_storage parsed;
    if (parse(address, port, &parsed) == 0)
        return false;
    name_of(&parsed, listener->configured, sizeof listener->configured);
    listener->fd = -1;
    return true;
}

bool listener_open(struct jabberd_instance *self, struct listener *listener)
{
    char address[64];
    snprintf(address, sizeof address, "%s", listener->configured + (listener->configured[0] == '['));
    char *colon = strrchr(address, ':');
    const char *port = colon + 1;
    colon[listener->configured[0] == '[' ? -1 : 0] = '\0';
    struct sockaddr_storage parsed;
    const socklen_t size = parse(address, port, &parsed);
    const int yes = 1;
    const int fd = socket(parsed.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (parsed.ss_family == AF_INET6)
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    }
    if (fd < 0 || bind(fd, (struct sockaddr *)&parsed, size) != 0 || listen(fd, SOMAXCONN) != 0) {
        say(self, JABBERD_LOG_ERROR, "cannot listen on %s: %s", listener->configured, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    listener->fd = fd;
    listener->own = true;
    return true;
}

void listener_name(const struct listener *listener, char *name, size_t room)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    getsockname(listener->fd, (struct sockaddr *)&address, &size);
    name_of(&address, name, room);
}

/* The last descriptors are for what the process opens besides: the operator's connection, files of a reload, a
 * database's journal. The kernel gives the lowest number that is free. */
static bool none_is_left_for_clients(int listening)
{
    struct rlimit limit;
    const int next = fcntl(listening, F_DUPFD_CLOEXEC, 0);
    if (next >= 0)
        close(next);
    if (next < 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return next < 0;
    const rlim_t reserve = limit.rlim_cur / 4 < 64 ? limit.rlim_cur / 4 : 64;
    return (rlim_t)next >= limit.rlim_cur - reserve;
}

static void pause_listener(struct jabberd_instance *self, struct listener *listener, const char *why)
{
    say(self, JABBERD_LOG_WARNING, "cannot accept on %s: %s; trying again in a second", listener->configured, why);
    listener->paused = true;
    epoll_ctl(self->epoll, EPOLL_CTL_DEL, listener->fd, NULL);
}

/* Whether its address has room for one more. */
static bool has_few(const struct jabberd_instance *self, const char *client)
{
    const size_t address = (size_t)(strrchr(client, ':') - client) + 1;
    unsigned count = 0;
    for (const struct connection *other = self->connections; other != NULL; other = other->next)
        count += strncmp(other->client, client, address) == 0;
    return count < MAX_OF_ADDRESS;
}

void listener_accept(struct jabberd_instance *self, struct listener *listener)
{
    if (none_is_left_for_clients(listener->fd))
        return pause_listener(self, listener, "the file descriptors that are left are for other things");
    struct sockaddr_storage from = {0};
    socklen_t size = sizeof from;
    const int fd = accept4(listener->fd, (struct sockaddr *)&from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
            return; /* that client is gone already */
        return pause_listener(self, listener, strerror(errno));
    }
    if (self->next_token == UINT32_MAX) { /* an address must never come again */
        say(self, JABBERD_LOG_ERROR, "4294967295 connections have been accepted; restart the server");
        close(fd);
        return;
    }
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    char name[64];
    name_of(&from, name, sizeof name);
    if (!has_few(self, name)) {
        say(self, JABBERD_LOG_INFO, "%s refused: its address has %d connections", name, MAX_OF_ADDRESS);
        close(fd);
        return;
    }
    struct connection *connection = connection_new(fd, name);
    connection->id = (uint32_t)fd;
    connection->token = self->next_token++;
    memcpy(connection->epoch, self->epoch, sizeof self->epoch);
    connection->since = connection->last_read = connection->last_write = now();
    connection->give_up = connection->since + 60000000000; /* to log in */
    connection_add(self, connection);
    ++self->accepted;
    loop_watch(self, connection);
}
