/* SPDX-License-Identifier: MIT */
/* Log records: one line for a person, fields for a machine. */
#ifndef JABBERD_LOG_H
#define JABBERD_LOG_H

#include <jabberd/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers are syslog's (RFC 5424 §6.2.1). */
typedef enum jabberd_log_level {
    JABBERD_LOG_ERROR = 3,   /* an operator has to act */
    JABBERD_LOG_WARNING = 4, /* an operator should look; if it is survived, the message ends in ", ignoring" */
    JABBERD_LOG_NOTICE = 5,  /* rare and normal: started, stopped, reloaded */
    JABBERD_LOG_INFO = 6,    /* once or twice a connection */
    JABBERD_LOG_DEBUG = 7,   /* for the search for a fault */
} jabberd_log_level;

/* A field. `name` is upper-case ASCII and '_' (journald's rule), a constant of the program. `value` is any UTF-8; the
 * host quotes and cuts it. Never a password, never the body of a stanza. */
typedef struct jabberd_log_field {
    const char *name;
    jabberd_view value;
} jabberd_log_field;

/* A record. All borrowed. `message` says who, what and why in one line without the fields' help. */
typedef struct jabberd_log_record {
    size_t size;
    jabberd_log_level level;
    jabberd_view message;
    const jabberd_log_field *fields; /* NULL when there are none */
    size_t field_count;
} jabberd_log_record;

#ifdef __cplusplus
}
#endif

#endif
