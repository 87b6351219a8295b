/* SPDX-License-Identifier: MIT */
/* What is in the snapshot of a socket manager (handover.h): its listeners and its connections, each to the byte. */
#ifndef JABBERD_SNAPSHOT_H
#define JABBERD_SNAPSHOT_H

#include <jabberd/handover.h>

/* clang-format off */
/* A snapshot is a sequence of records, and so is the value of a LISTENER, of a PROXIED and of a CONNECTION. Record:
 * uint32_t tag, uint32_t length of the value, the value; no padding, the machine's byte order. Numbers are uint32_t (u32)
 * or uint64_t (u64), text is UTF-8 and not terminated. Tags may come in any order within their record, except where it
 * says "in order". LISTENER, PROXIED, CONNECTION, COUNTER, RETURNED, ANSWERING, NOT_RESUMED, QUEUED, HELD, EARLY, ASKED, ASKED_ITSELF, OFFERED, TRIED, UNACKNOWLEDGED, KEPT and RELAYED may come any
 * number of times, every other tag once in its record. What is absent is 0 or empty, and what is 0 or empty is as good as absent;
 * but an index of 0 is
 * an index. A reader skips tags it does not know, but refuses the whole snapshot when bit 31
 * of one is set: a reader that does not understand that record would lose something. A reader that knows a tag, and cannot do what
 * it stands for, refuses as well.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC.
 *
 * Addresses of connections (the sfrom of their packets) are `<id>@<host>/<number>-<epoch>`: id in decimal, number in
 * lower-case hexadecimal, at most 32 bits each, without leading zeros; the epoch is 1 to 32 of a-z and 0-9, drawn at
 * random (64 bits or more) by the first instance of a process. Sessions on another server outlive the process that has
 * their sockets: an address is never given twice, over restarts as well.
 *
 * A successor gives the same connection the same address, and never gives to a new one an address that any connection
 * had: it goes on with the EPOCH, and all its numbers are at least NEXT_TOKEN. When that is 0xFFFFFFFF there are none
 * left: the successor refuses, or accepts no client any more.
 *
 * Before there were epochs an address was `<id>@<host>/<number>`. A snapshot without EPOCH is of a version that knew
 * none: its connections keep the addresses they have, and the successor draws an epoch for those to come. A snapshot
 * with EPOCH may still have connections without. Such a version refuses one with EPOCH, because the tag is critical: it
 * could neither keep these addresses, nor be sure to give no address for the second time. */

/* The sequence. */
#define JABBERD_SNAPSHOT_WRITER     0x00000001u /* text: name and version of the component, for the log */
#define JABBERD_SNAPSHOT_HOST       0x80000003u /* text: the host of the addresses; the successor must have the same */
#define JABBERD_SNAPSHOT_NEXT_TOKEN 0x80000004u /* u32 */
#define JABBERD_SNAPSHOT_EPOCH      0x80000009u /* text; absent: none of the connections' addresses has one */
#define JABBERD_SNAPSHOT_LISTENER   0x80000005u /* records */
#define JABBERD_SNAPSHOT_CONNECTION 0x80000006u /* records */
#define JABBERD_SNAPSHOT_PROXIED    0x8000000Du /* records: a connection that is none yet: its PROXY header is due */
#define JABBERD_SNAPSHOT_FULL       0x00000008u /* u32: 1: deliver() has answered JABBERD_FULL: read from no client before resume() */
#define JABBERD_SNAPSHOT_FULL_NAME  0x0000000Bu /* text: FULL is so for packets to this name; where there is none, for all */
#define JABBERD_SNAPSHOT_COUNTER    0x00000007u /* u64, then text: a sum of `jabberd-ctl status`, to go on from */
#define JABBERD_SNAPSHOT_RETURNED   0x0000000Au /* in order: u64, by which the writer knows a packet that names no session, u64 time
                                                * it was first returned, u32 how often it was */
#define JABBERD_SNAPSHOT_ANSWERING  0x0000000Cu /* text: a session manager that is known to answer the question what to offer */
#define JABBERD_SNAPSHOT_NOT_RESUMED 0x0000000Eu /* in order: of a session that was over before its client came back: u32 id and u32 number
                                                * of its ADDRESS, u32 HANDLED, its RESUMPTION_KEY (16 bytes) */

/* In a LISTENER. */
#define JABBERD_LISTENER_DESCRIPTOR 0x80000101u /* u32: index into the descriptors; listening. It may have been made
                                                   * to block: a component that must never wait sees to that */
#define JABBERD_LISTENER_CONFIGURED 0x80000102u /* text: "127.0.0.1:5222", "[::]:0", as configured: port 0 stays 0 */
#define JABBERD_LISTENER_DIRECT_TLS 0x80000103u /* u32: 1: TLS from the first byte */
#define JABBERD_LISTENER_PROXIED    0x80000104u /* u32: 1: a PROXY header, of trusted proxies only, before anything else */

/* In a PROXIED: a trusted proxy has connected, and it is not known yet for which client (HAProxy's proxy-protocol.txt).
 * It has no ADDRESS before that. */
#define JABBERD_PROXIED_DESCRIPTOR 0x80000301u /* u32: index into the descriptors; non-blocking */
#define JABBERD_PROXIED_PEER       0x80000302u /* text: the proxy, as CLIENT; and the client, where the header names none */
#define JABBERD_PROXIED_TLS_DIRECT 0x80000303u /* u32: 1: TLS comes behind the header */
#define JABBERD_PROXIED_HEADER     0x80000304u /* bytes: what was read of the header, nothing behind it; complete where it names
                                                * no client, and a first byte of one is waited for */
#define JABBERD_PROXIED_GIVE_UP    0x00000305u /* u64 time: the deadline of the header; absent: to be set anew */

/* In a CONNECTION. */
#define JABBERD_CONNECTION_ADDRESS    0x80000201u /* text */
#define JABBERD_CONNECTION_DESCRIPTOR 0x80000202u /* u32: index into the descriptors; non-blocking. Absent: see DETACHED */
#define JABBERD_CONNECTION_CLIENT     0x80000203u /* text: "192.0.2.7:40210", "[2001:db8::7]:40210"; behind a proxy,
                                                   * as its PROXY header says */
#define JABBERD_CONNECTION_TLS        0x80000204u /* u32: index into the tokens; an SSL * of OpenSSL, which uses the descriptor;
                                                   * its handshake may still be going on */
#define JABBERD_CONNECTION_TLS_DIRECT 0x00000205u /* u32: 1: no STARTTLS came before it (for ALPN) */
#define JABBERD_CONNECTION_STREAM     0x80000206u /* u32: JABBERD_STREAM_... */
#define JABBERD_CONNECTION_SESSION    0x80000207u /* u32: JABBERD_SESSION_... */
#define JABBERD_CONNECTION_TO         0x80000208u /* text: the session manager's host; absent before a stream header */
#define JABBERD_CONNECTION_IDENTITY   0x80000209u /* text: U or S of session.h */
#define JABBERD_CONNECTION_ENDED      0x8000020Au /* u32: 1: the session manager knows of the end: no 510 is owed */
#define JABBERD_CONNECTION_STREAM_ID  0x8000020Bu /* text */
#define JABBERD_CONNECTION_HEADER     0x8000020Cu /* text: a complete start tag, with its '>', that has the namespace
                                                   * declarations of the stream header;
                                                   * absent: xmlns='jabber:client' and xmlns:stream, the usual two */
#define JABBERD_CONNECTION_LANG       0x0000020Du /* text: xml:lang of the stream */
#define JABBERD_CONNECTION_UNFINISHED 0x8000020Eu /* bytes of the client, out of TLS: an element, or the stream header,
                                                   * that is not complete yet, from its first byte */
#define JABBERD_CONNECTION_UNREAD     0x8000020Fu /* bytes of the client that follow, not looked at: the connection waits for
                                                   * an answer */
#define JABBERD_CONNECTION_QUEUED     0x80000210u /* in order: u32 how many bytes of this piece are written, u32 length of
                                                   * sfrom, sfrom, the piece. With an sfrom it is a stanza, to be returned
                                                   * under it if it is never wholly written. Only of the first may some
                                                   * be written already */
#define JABBERD_CONNECTION_HELD       0x80000211u /* in order: XML of a packet the session manager must still be given, with
                                                   * its sto and sfrom */
#define JABBERD_CONNECTION_EARLY      0x80000212u /* in order: XML of a packet that the client gets once it is Bound */
#define JABBERD_CONNECTION_ASKED      0x80000213u /* an auth packet that waits for its answer: u32 kind (below), u32 1 if the
                                                   * client gave an id, u32 length of the nonce, nonce, the client's id */
#define JABBERD_CONNECTION_INFO       0x80000214u /* text: the <connection/> element; a stream of XMPP 1.0 */
#define JABBERD_CONNECTION_EXCHANGE   0x80000215u /* u32: JABBERD_SASL_...: a SASL exchange goes on; absent: none */
#define JABBERD_CONNECTION_OFFERED    0x80000216u /* u32 JABBERD_SASL_..., then text: a mechanism offered to this stream */
#define JABBERD_CONNECTION_TRANSLATED 0x80000217u /* u32: 1: the session manager knows jabber:iq:auth only */
#define JABBERD_CONNECTION_FAILED     0x00000218u /* u32: failed logins */
#define JABBERD_CONNECTION_SINCE      0x00000219u /* u64 time it was accepted */
#define JABBERD_CONNECTION_LAST_READ  0x0000021Au /* u64 time */
#define JABBERD_CONNECTION_LAST_WRITE 0x0000021Bu /* u64 time */
#define JABBERD_CONNECTION_GIVE_UP    0x0000021Cu /* u64 time: the deadline of login, or of the end; absent: none */
#define JABBERD_CONNECTION_ANSWER_BY  0x0000021Du /* u64 time: the deadline of the features question; absent: none */
#define JABBERD_CONNECTION_READ_AGAIN 0x0000021Eu /* u64 time: not read before, for it sends too fast */
#define JABBERD_CONNECTION_BYTES      0x0000021Fu /* u64 read, u64 written; out of TLS */
#define JABBERD_CONNECTION_STANZAS    0x00000220u /* u64 read, u64 written */
#define JABBERD_CONNECTION_MECHANISM  0x00000228u /* text: by which the client logs in, or has tried last; "jabber:iq:auth" as well */
#define JABBERD_CONNECTION_TRIED      0x00000229u /* in order: text: a mechanism that a login has failed by since FAILED last grew */
#define JABBERD_CONNECTION_READ_BY    0x0000022Au /* u64 time: more is QUEUED than the client may leave unread, and it must
                                                   * have read something by then; absent: it is not so */
#define JABBERD_CONNECTION_ALIAS      0x00000221u /* text: what the client calls the host of TO, where that has another name */
#define JABBERD_CONNECTION_OWN_NAME   0x8000022Bu /* text: while Unknown, what the session manager of TO has called itself */
#define JABBERD_CONNECTION_ASKED_ITSELF 0x00000222u /* in order: id of an iq that the client has sent to its own session, and
                                                     * not been answered; of the answer its `from` is kept */
#define JABBERD_CONNECTION_FINISH_BY  0x00000225u /* u64 time: the deadline of what is UNFINISHED; absent: to be set anew */
#define JABBERD_CONNECTION_HANDLE     0x8000022Cu /* u32: 1: the user of IDENTITY is a handle */
#define JABBERD_CONNECTION_WANTS_END  0x8000022Du /* u32: 1: the session manager wants <end/> */
#define JABBERD_CONNECTION_RELAYED    0x8000022Eu /* text: a namespace that the session manager wants to be relayed */
#define JABBERD_CONNECTION_WEBSOCKET  0x8000022Fu /* u32: JABBERD_WEBSOCKET_...: the elements of its stream are in the messages of a
                                                   * WebSocket (RFC 7395), or are going to be; UNREAD is then of
                                                   * frames, a stanza that is QUEUED is one, and UNFINISHED is out of them.
                                                   * Absent: it is none */
#define JABBERD_CONNECTION_REQUEST    0x80000230u /* bytes: what was read of the HTTP request, without its end */
#define JABBERD_CONNECTION_FRAME      0x80000231u /* bytes: the header of the frame that is being read, as far as it has come */
#define JABBERD_CONNECTION_FRAME_TAKEN 0x80000232u /* u64: bytes of its payload that were read */
#define JABBERD_CONNECTION_CONTROL    0x80000233u /* bytes: the same of a control frame's, out of the mask */
#define JABBERD_CONNECTION_MESSAGE_BEGUN 0x80000234u /* u32: 1: a message was begun by a frame before FRAME, and goes on */
#define JABBERD_CONNECTION_MESSAGE_BYTES 0x80000235u /* u64: how many bytes of the message were read */
#define JABBERD_CONNECTION_MESSAGE_DONE 0x80000236u /* u32: 1: its element has ended, and the message has not */

/* Stream management (XEP-0198), where the session manager does not do it. Numbers of stanzas wrap at 2^32. */
#define JABBERD_CONNECTION_MANAGED    0x80000237u /* u32: 1: the client has enabled it; it is Bound */
#define JABBERD_CONNECTION_RESUMPTION_KEY 0x80000238u /* 16 bytes: what the client must know to have its session back */
#define JABBERD_CONNECTION_RESUMPTION_TIME 0x80000239u /* u32: seconds it may take; absent: stanzas are acknowledged only */
#define JABBERD_CONNECTION_HANDLED    0x8000023Au /* u32: stanzas of the client that the session manager was given since; below 0
                                                   * while some of before are HELD */
#define JABBERD_CONNECTION_REPORTED   0x8000023Bu /* u32: the highest number of them that the client was told */
#define JABBERD_CONNECTION_SENT       0x8000023Cu /* u32: stanzas that the client was sent since, or that are QUEUED */
#define JABBERD_CONNECTION_ACKNOWLEDGED 0x8000023Du /* u32: how many of these it has */
#define JABBERD_CONNECTION_ACKNOWLEDGEMENT_DUE 0x8000023Eu /* u32: 1: it was asked, and has not answered */
#define JABBERD_CONNECTION_TOO_MUCH   0x8000023Fu /* u32: 1: it has acknowledged too little to be resumed; UNACKNOWLEDGED is absent */
#define JABBERD_CONNECTION_UNACKNOWLEDGED 0x80000240u /* in order: as QUEUED, without what a WebSocket puts around it: the stanzas
                                                   * from ACKNOWLEDGED to SENT. The last of them may be QUEUED as well */
#define JABBERD_CONNECTION_WISHES     0x80000245u /* XML: the <resume/> and <enable/> that were in the <authenticate/> of the EXCHANGE
                                                   * (XEP-0198 section 9), and not in what the session manager was asked */
#define JABBERD_CONNECTION_INACTIVE   0x80000243u /* u32: 1: the client has said that nobody looks at it (XEP-0352); it is Bound */
#define JABBERD_CONNECTION_KEPT       0x80000244u /* in order: XML of a stanza, with its sfrom, that it is sent in front of the next one that
                                                   * cannot wait; INACTIVE */
/* A CONNECTION without DESCRIPTOR is a session that waits for its client: it is Bound, and has RESUMPTION_TIME and RESUME_BY.
 * Packets for its ADDRESS are added to what is UNACKNOWLEDGED. CLIENT is the last that it had. */
#define JABBERD_CONNECTION_DETACHED   0x00000241u /* u64 time its client was lost */
#define JABBERD_CONNECTION_RESUME_BY  0x80000242u /* u64 time of its end, if the client does not come */

/* Of a WEBSOCKET. */
#define JABBERD_WEBSOCKET_REQUEST 1u /* its HTTP request is not complete */
#define JABBERD_WEBSOCKET_OPEN    2u

/* Of a STREAM (RFC 6120 section 4). */
#define JABBERD_STREAM_HEADER_DUE 0u /* no stream header has come yet, or another one is due */
#define JABBERD_STREAM_OPEN       1u
#define JABBERD_STREAM_TLS_DUE    2u /* open until what is QUEUED is written, then TLS begins */
#define JABBERD_STREAM_CLOSING    3u /* until what is QUEUED is written, then the end */

/* Of a SESSION (session.h). */
#define JABBERD_SESSION_UNKNOWN       0u
#define JABBERD_SESSION_AUTHENTICATED 1u
#define JABBERD_SESSION_BOUND         2u

/* Under which rules a mechanism of SASL is OFFERED, or an EXCHANGE goes on. */
#define JABBERD_SASL_RFC6120 1u
#define JABBERD_SASL_XEP0388 2u

/* What kind of packet was ASKED: session.h tells what its answer means. */
#define JABBERD_ASKED_QUESTION 1u /* jabber:iq:auth get, jabber:iq:register */
#define JABBERD_ASKED_LOGIN    2u /* jabber:iq:auth set */
#define JABBERD_ASKED_BIND     3u
#define JABBERD_ASKED_SASL     4u
#define JABBERD_ASKED_PLAIN    5u /* a jabber:iq:auth set made of SASL PLAIN */
#define JABBERD_ASKED_FEATURES 6u
#define JABBERD_ASKED_RESUME   8u /* <resume/> of XEP-0198 */
#define JABBERD_ASKED_INTRODUCTION 7u /* the same question, asked for a stream without version='1.0': its answer offers nothing */
/* clang-format on */

#endif
