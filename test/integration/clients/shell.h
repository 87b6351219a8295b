/* SPDX-License-Identifier: LGPL-2.1-or-later
 * What every client program here is told and says, whatever its library, so that one test can play them all.
 *
 * Arguments: PORT HOST USER RESOURCE PASSWORD HOW [MECHANISM CA_FILE [register]]
 * HOW is plain or digest: plain TCP and jabber:iq:auth; or starttls or direct: TLS and SASL with that MECHANISM, or one
 * of the client's own choice for "any"; the certificate must be good by CA_FILE, or be that.
 * With "register" it makes the account first, as its user would.
 * Told on standard input, a line each: "ADDRESS BODY" sends a message; the end of the input ends the client.
 * With COMES_BACK in the environment, where it can that: a client that loses its connection comes back for its session
 * (XEP-0198), and keeps what it is told meanwhile.
 * Says on standard output, a line each: "ready" (logged in), "refused" (not logged in), "closed" (by the server),
 * "ADDRESS BODY" (a message came), "resumed" (it has its session back; "ready" again: it has not). */
#ifndef SHELL_H
#define SHELL_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct account {
    unsigned short port;
    const char *host, *user, *resource, *password;
    bool digest; /* for a library that leaves the choice to us */
    enum { NO_TLS, STARTTLS, DIRECT_TLS } tls;
    const char *mechanism, *ca_file; /* with TLS; mechanism NULL for any */
    bool registers;
    char jid[512]; /* user@host/resource */
};

/* False when the arguments are wrong. */
bool shell_arguments(int argc, char **argv, struct account *account);

enum order { ORDER_NONE, ORDER_SEND, ORDER_QUIT };

/* The next line of the input, if there is one already: does not wait. The strings live until the next call. */
enum order shell_next(const char **to, const char **body);

/* One line. */
void shell_say(const char *what, const char *body);

#ifdef __cplusplus
}
#endif

#endif
