// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stream/framing.h"

#include "stream/header.h"

namespace jabberd::stream {

namespace {

class OneDocument final : public Framing {
public:
    void append_header(std::string &out, const xml::StreamHeader &header, std::string_view from,
                       std::string_view stream_id) const override
    {
        append_answer(out, header, from, stream_id);
    }
    void enclose(std::string &, std::size_t) const override {}
    std::string_view element(std::string_view enclosed) const override { return enclosed; }
    void append_close(std::string &out) const override { out += closing_tag; }
    void append_keepalive(std::string &out) const override { out += ' '; }
};

} // namespace

const Framing &one_document()
{
    static constexpr OneDocument framing;
    return framing;
}

} // namespace jabberd::stream
