/* SPDX-License-Identifier: MIT */
/* What libxml2's push parser does not look at closely: whether the bytes are UTF-8, and line ends. */
#ifndef PLAIN_CHARACTERS_H
#define PLAIN_CHARACTERS_H

#include "bytes.h"

/* Begins zeroed. What it knows of the bytes before. */
struct characters {
    unsigned expected; /* bytes that the character still needs */
    uint32_t value, smallest;
    bool after_cr;
};

/* Appends `size` bytes with the line ends of XML (XML 1.0 2.11), for CDATA as well. false: one of them makes no
 * character that XML allows (RFC 3629; XML 1.0 2.2). */
bool put_characters(struct bytes *out, struct characters *state, const char *bytes, size_t size);

#endif
