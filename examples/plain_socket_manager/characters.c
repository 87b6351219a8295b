/* SPDX-License-Identifier: MIT */
#include "characters.h"

static bool is_allowed(uint32_t c)
{
    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r';
    return c < 0xD800 || (c > 0xDFFF && c < 0xFFFE) || (c > 0xFFFF && c <= 0x10FFFF);
}

/* One byte more. A character longer than it need be is none. */
static bool go_on(struct characters *state, unsigned char byte)
{
    if (state->expected == 0) {
        if (byte < 0x80)
            return is_allowed(byte);
        if (byte < 0xC2 || byte > 0xF4)
            return false;
        state->expected = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
        state->value = byte & (0x3Fu >> state->expected);
        state->smallest = state->expected == 1 ? 0x80 : state->expected == 2 ? 0x800 : 0x10000;
        return true;
    }
    if ((byte & 0xC0) != 0x80)
        return false;
    state->value = state->value << 6 | (byte & 0x3F);
    return --state->expected > 0 || (state->value >= state->smallest && is_allowed(state->value));
}

bool put_characters(struct bytes *out, struct characters *state, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; ++i) {
        if (!go_on(state, (unsigned char)bytes[i]))
            return false;
        const bool joins = bytes[i] == '\n' && state->after_cr; /* its newline is there already */
        state->after_cr = bytes[i] == '\r';
        if (!joins)
            put(out, state->after_cr ? "\n" : bytes + i, 1);
    }
    return true;
}
