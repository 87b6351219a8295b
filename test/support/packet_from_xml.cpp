// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/packet_from_xml.h"

#include "xml/document.h"
#include "xml/packet_reader.h"
#include "xml/packet_text.h"

#include <stdexcept>

namespace jabberd::test {

OwnedPacket packet_from_xml(std::string_view text)
{
    // A packet without xmlns stands in the stream's content namespace; its children must, too, to be the canonical
    // ones.
    const auto document = xml::parse_body(text);
    const xmlNode *root = document ? xmlFirstElementChild(xmlDocGetRootElement(document.get())) : nullptr;
    if (root == nullptr || xmlNextElementSibling(const_cast<xmlNode *>(root)) != nullptr)
        throw std::invalid_argument{"not one well-formed element: " + std::string{text}};
    return xml::read_packet(*root);
}

std::string canonical(const jabberd_packet &packet)
{
    std::string text;
    xml::append_packet(text, packet);
    return canonical(text);
}

std::string canonical(std::string_view text)
{
    std::string out;
    xml::append_packet(out, packet_from_xml(text).packet());
    return out;
}

} // namespace jabberd::test
