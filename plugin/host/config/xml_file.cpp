// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/xml_file.h"

#include "base/regular_file.h"

#include <libxml/parser.h>

#include <climits>
#include <string_view>

namespace jabberd::host {

namespace {

constexpr std::size_t max_file_bytes = 64 << 20; // larger than any configuration

// libxml2 ends its messages with a newline.
std::string message_of(const xml::Defect &defect)
{
    std::string_view message = defect.message.empty() ? "not well-formed XML" : std::string_view{defect.message};
    while (message.ends_with('\n'))
        message.remove_suffix(1);
    return std::string{message};
}

} // namespace

xml::DocumentPtr parse_xml_file(const std::string &file, Mistakes &mistakes)
{
    const auto refuse = [&](unsigned line, std::string why) {
        mistakes.add({JABBERD_LOG_ERROR, file, line, std::move(why)});
        return xml::DocumentPtr{};
    };

    // Not xmlReadFile(): it takes "-" for standard input and looks into the name for a scheme.
    std::string why;
    const auto content = read_regular_file(file, max_file_bytes, why);
    if (!content)
        return refuse(0, "cannot be read: " + why + "; a readable configuration file is needed");
    const std::string &bytes = content->bytes;
    if (bytes.empty())
        return refuse(0, "the file is empty; it should hold <jabber>…</jabber>");

    xml::Defect defect;
    auto document = xml::parse_document(bytes, XML_PARSE_BIG_LINES, INT_MAX, defect);
    if (!document && defect.is_doctype)
        return refuse(defect.line, "a DOCTYPE is not allowed here; remove it, and write entities out");
    if (!document)
        return refuse(defect.line, message_of(defect));
    return document;
}

} // namespace jabberd::host
