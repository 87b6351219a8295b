/* SPDX-License-Identifier: MIT */
/* The thread that everything happens on. */
#include "plain.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* What epoll says, and of what: a connection by id and token, so that an event of one that is gone finds none;
 * listeners and our own wake-up under tokens that are never given. */
static const uint64_t of_listener = UINT64_C(0xFFFFFFFE00000000), of_wake = UINT64_MAX;

/* Something to be done on the thread for [main], which waits for it. */
struct call {
    struct call *next;
    void (*function)(void *data);
    void *data;
    bool done;
};

static pthread_cond_t call_done = PTHREAD_COND_INITIALIZER;

bool is_full(struct jabberd_instance *self)
{
    return self->full && self->full_since == atomic_load(&self->resumes);
}

void loop_wake(struct jabberd_instance *self)
{
    const uint64_t one = 1;
    if (write(self->wake, &one, sizeof one) < 0)
        return; /* it is awake enough */
}

void loop_watch(struct jabberd_instance *self, struct connection *connection)
{
    if (connection->stream == CLOSED || self->state == THAWED)
        return;
    uint32_t events = connection->first == NULL ? 0 : (uint32_t)EPOLLOUT;
    if (connection->stream == ENDING ||
        (connection->held == NULL && !is_full(self) && !session_waits(connection) && connection->allowance > 0))
        events |= EPOLLIN | EPOLLRDHUP;
    if (events == connection->watched)
        return;
    struct epoll_event event = {events, {.u64 = (uint64_t)connection->token << 32 | connection->id}};
    if (epoll_ctl(self->epoll, EPOLL_CTL_MOD, connection->fd, &event) != 0)
        epoll_ctl(self->epoll, EPOLL_CTL_ADD, connection->fd, &event);
    connection->watched = events;
}

static void watch_all(struct jabberd_instance *self)
{
    for (struct connection *next, *connection = self->connections; connection != NULL; connection = next) {
        next = connection->next;
        session_deliver_held(self, connection, false);
        loop_watch(self, connection);
    }
}

static void watch_listener(struct jabberd_instance *self, unsigned index)
{
    struct epoll_event event = {EPOLLIN, {.u64 = of_listener | index}};
    epoll_ctl(self->epoll, EPOLL_CTL_ADD, self->listeners[index].fd, &event);
    self->listeners[index].paused = false;
}

void loop_take_inbox(struct jabberd_instance *self)
{
    for (;;) {
        pthread_mutex_lock(&self->mutex);
        struct stanza *stanza = self->inbox;
        self->inbox = NULL;
        self->last_in_inbox = &self->inbox;
        pthread_mutex_unlock(&self->mutex);
        if (stanza == NULL)
            return;
        while (stanza != NULL) {
            struct stanza *next = stanza->next;
            session_receive(self, stanza);
            stanza = next;
        }
    }
}

static void take_calls(struct jabberd_instance *self)
{
    pthread_mutex_lock(&self->mutex);
    while (self->calls != NULL) {
        struct call *call = self->calls;
        self->calls = call->next;
        pthread_mutex_unlock(&self->mutex);
        call->function(call->data);
        pthread_mutex_lock(&self->mutex);
        call->done = true;
        pthread_cond_broadcast(&call_done);
    }
    pthread_mutex_unlock(&self->mutex);
}

void loop_call(struct jabberd_instance *self, void (*function)(void *data), void *data)
{
    if (self->state != RUNNING)
        return function(data);
    struct call call = {NULL, function, data, false};
    pthread_mutex_lock(&self->mutex);
    call.next = self->calls;
    self->calls = &call;
    loop_wake(self);
    while (!call.done)
        pthread_cond_wait(&call_done, &self->mutex);
    pthread_mutex_unlock(&self->mutex);
}

void loop_free_closed(struct jabberd_instance *self)
{
    while (self->closed != NULL) {
        struct connection *connection = self->closed;
        self->closed = connection->next;
        connection_free(connection, true);
    }
}

static void dispatch(struct jabberd_instance *self, const struct epoll_event *event)
{
    if (event->data.u64 == of_wake) {
        uint64_t count;
        if (read(self->wake, &count, sizeof count) < 0)
            return;
        return;
    }
    if (event->data.u64 >= of_listener)
        return listener_accept(self, &self->listeners[event->data.u64 & 0xFFFF]);
    /* The bucket's connections are few; the token alone tells them apart. */
    const uint32_t id = (uint32_t)event->data.u64, token = (uint32_t)(event->data.u64 >> 32);
    struct connection *connection = self->buckets[(id ^ token * 31u) % BUCKETS];
    while (connection != NULL && (connection->id != id || connection->token != token))
        connection = connection->next_in_bucket;
    if (connection == NULL)
        return;
    if (event->events & EPOLLOUT)
        connection_write(self, connection);
    /* It is gone, and nothing of it is read now: its bytes would pile up. */
    if (connection->stream != CLOSED && event->events & (EPOLLHUP | EPOLLERR) && !(connection->watched & EPOLLIN))
        return connection_lost(self, connection, "it has left");
    if (connection->stream != CLOSED && event->events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
        connection_read(self, connection);
    loop_watch(self, connection);
}

static void tick(struct jabberd_instance *self)
{
    const uint64_t time = now();
    for (struct connection *next, *connection = self->connections; connection != NULL; connection = next) {
        next = connection->next;
        connection->allowance += BYTES_A_SECOND;
        if (connection->allowance > MAX_BURST)
            connection->allowance = MAX_BURST;
        loop_watch(self, connection);
        /* A stanza has five minutes: the largest comes through at 900 bytes a second. */
        const bool is_stuck = connection->stream == OPEN && connection->unfinished.size > 0 &&
                              !session_waits(connection) && time > connection->begun + UINT64_C(300000000000);
        if (is_stuck || (connection->give_up != 0 && time > connection->give_up)) {
            if (connection->stream == ENDING)
                connection_lost(self, connection, "");
            else
                connection_error(self, connection, "connection-timeout");
        }
    }
    for (unsigned i = 0; i < self->listener_count; ++i)
        if (self->listeners[i].paused)
            watch_listener(self, i);
}

static void *run(void *data)
{
    struct jabberd_instance *self = data;
    struct epoll_event events[64];
    uint64_t last_tick = 0;
    bool was_full = false;
    for (struct connection *next, *connection = self->connections; connection != NULL; connection = next) {
        next = connection->next;
        session_deliver_held(self, connection, false);
        connection_go_on(self, connection);
        if (connection->stream != CLOSED)
            connection_write(self, connection);
    }
    while (!atomic_load(&self->quit)) {
        const int count = epoll_wait(self->epoll, events, 64, 1000);
        for (int i = 0; i < count; ++i)
            dispatch(self, &events[i]);
        loop_take_inbox(self);
        take_calls(self);
        if (is_full(self) != was_full) {
            was_full = !was_full;
            watch_all(self);
        }
        if (now() - last_tick > 1000000000) {
            tick(self);
            last_tick = now();
        }
        loop_free_closed(self);
    }
    pthread_mutex_lock(&self->mutex);
    self->rests = true;
    pthread_cond_signal(&self->rested);
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

bool loop_run(struct jabberd_instance *self)
{
    struct epoll_event event = {EPOLLIN, {.u64 = of_wake}};
    epoll_ctl(self->epoll, EPOLL_CTL_ADD, self->wake, &event);
    for (unsigned i = 0; i < self->listener_count; ++i)
        watch_listener(self, i);
    atomic_store(&self->quit, false);
    pthread_mutex_lock(&self->mutex);
    self->taking = true;
    self->rests = false;
    pthread_mutex_unlock(&self->mutex);
    self->state = RUNNING;
    sigset_t all, before;
    sigfillset(&all); /* the host's signals are the host's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&self->thread, NULL, run, self);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        self->state = STOPPED;
    return error == 0;
}

/* Not by the wall clock, as pthread_timedjoin_np() would: an operator may set it meanwhile. */
static bool rests_within(struct jabberd_instance *self, unsigned ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&self->mutex);
    while (!self->rests && pthread_cond_clockwait(&self->rested, &self->mutex, CLOCK_MONOTONIC, &until) == 0)
        ;
    const bool rests = self->rests;
    pthread_mutex_unlock(&self->mutex);
    return rests && pthread_join(self->thread, NULL) == 0;
}

bool loop_rest(struct jabberd_instance *self, unsigned deadline_ms)
{
    atomic_store(&self->quit, true);
    loop_wake(self);
    if (rests_within(self, deadline_ms))
        return true;
    atomic_store(&self->quit, false);
    /* It may have seen it all the same, and be on its way out. */
    return rests_within(self, 1000);
}
