// SPDX-License-Identifier: LGPL-2.1-or-later
// How the elements of a stream lie in its bytes.
#pragma once

#include "stream/stream_error.h"
#include "xml/stanza.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace jabberd::stream {

// The layer between the XML of a stream and the transport that carries it: what each part looks like on its way out.
// (On its way in a transport takes its own envelope off; the bytes that its read() gives are XML.) Has no state: one
// object serves all connections, on every thread.
class Framing {
public:
    // Our answer to a stream header (RFC 6120 §4.7). `from` is empty when the client did not say who we are.
    virtual void append_header(std::string &out, const xml::StreamHeader &header, std::string_view from,
                               std::string_view stream_id) const = 0;

    // What follows `begin` in `out` is one whole element of the stream.
    virtual void enclose(std::string &out, std::size_t begin) const = 0;

    // The element again, out of what enclose() has made of it.
    virtual std::string_view element(std::string_view enclosed) const = 0;

    // The end of the stream (RFC 6120 §4.4).
    virtual void append_close(std::string &out) const = 0;

    // What shows that we are there, between two elements (RFC 6120 §4.6.1).
    virtual void append_keepalive(std::string &out) const = 0;

protected:
    ~Framing() = default;
};

// RFC 6120 §4.2: the stream is one XML document, and its elements follow each other.
const Framing &one_document();

} // namespace jabberd::stream
