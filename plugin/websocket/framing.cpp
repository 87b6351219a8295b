// SPDX-License-Identifier: LGPL-2.1-or-later
#include "websocket/framing.h"

#include "stream/header.h"
#include "websocket/frame.h"
#include "xml/escape.h"
#include "xml/namespaces.h"

namespace jabberd::websocket {

namespace {

constexpr std::string_view stream_prefix = "stream:";

// In our own writing no '>' and no apostrophe is in an attribute's value but as a reference.
bool declares_default(std::string_view element)
{
    return element.substr(0, element.find('>')).find(" xmlns='") != std::string_view::npos;
}

class OneElementAMessage final : public stream::Framing {
public:
    void append_header(std::string &out, const xml::StreamHeader &header, std::string_view from,
                       std::string_view stream_id) const override
    {
        std::string open = "<open";
        xml::append_attribute(open, "xmlns", framing_namespace);
        if (!from.empty())
            xml::append_attribute(open, "from", from);
        xml::append_attribute(open, "id", stream_id);
        if (stream::expects_features(header))
            open += " version='1.0' xml:lang='en'";
        open += "/>";
        append_frame(out, Opcode::Text, open);
    }

    // On TCP the header of the stream declares what its elements need. Header of the frame and declaration go in at
    // once, in front of the first attribute: the rest of a long stanza is moved once.
    void enclose(std::string &out, std::size_t begin) const override
    {
        const std::string_view element = std::string_view{out}.substr(begin);
        const std::size_t name = element.find_first_of(" />");
        std::string declaration;
        if (element.substr(1).starts_with(stream_prefix))
            xml::append_attribute(declaration, "xmlns:stream", xml::ns::streams);
        else if (!declares_default(element))
            xml::append_attribute(declaration, "xmlns", xml::ns::client);
        std::string front;
        append_frame_header(front, Opcode::Text, element.size() + declaration.size());
        front += element.substr(0, name);
        front += declaration;
        out.replace(begin, name, front);
    }

    std::string_view element(std::string_view enclosed) const override { return payload_of(enclosed); }

    void append_close(std::string &out) const override
    {
        std::string close = "<close";
        xml::append_attribute(close, "xmlns", framing_namespace);
        close += "/>";
        append_frame(out, Opcode::Text, close);
    }

    void append_keepalive(std::string &out) const override { append_frame(out, Opcode::Ping, {}); } // §3.8
};

} // namespace

const stream::Framing &one_element_a_message()
{
    static constexpr OneElementAMessage framing;
    return framing;
}

} // namespace jabberd::websocket
