/* SPDX-License-Identifier: MIT */
/* examples/plain_socket_manager with one client, without its thread: bytes in, packets and bytes out. */
#ifndef PLAIN_TALK_H
#define PLAIN_TALK_H

#include <jabberd/packet.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plain_talk;

/* `on_packet` gets what the component delivers, borrowed. */
struct plain_talk *plain_talk_new(void (*on_packet)(void *data, const jabberd_packet *packet), void *data);
void plain_talk_free(struct plain_talk *talk);

void plain_talk_send(struct plain_talk *talk, const char *bytes, size_t size); /* the client does */
void plain_talk_give(struct plain_talk *talk, const jabberd_packet *packet);   /* the host does */
void plain_talk_fill(struct plain_talk *talk, bool full);                      /* the host is, and is no more */

/* What the client was written so far. */
const char *plain_talk_heard(struct plain_talk *talk, size_t *size);
const char *plain_talk_address(const struct plain_talk *talk);
bool plain_talk_is_open(const struct plain_talk *talk);

#ifdef __cplusplus
}
#endif

#endif
