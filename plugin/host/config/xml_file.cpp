// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/xml_file.h"

#include <glib.h>
#include <libxml/parser.h>

#include <climits>
#include <string_view>

namespace jabberd::host {

namespace {

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
    g_autofree char *bytes = nullptr;
    gsize size = 0;
    g_autoptr(GError) error = nullptr;
    if (!g_file_get_contents(file.c_str(), &bytes, &size, &error))
        return refuse(0, std::string{error->message} + "; a readable configuration file is needed");
    if (size > INT_MAX)
        return refuse(0, "the file is larger than any configuration");
    if (size == 0)
        return refuse(0, "the file is empty; it should hold <jabber>…</jabber>");

    xml::Defect defect;
    auto document = xml::parse_document({bytes, size}, XML_PARSE_BIG_LINES, INT_MAX, defect);
    if (!document && defect.is_doctype)
        return refuse(defect.line, "a DOCTYPE is not allowed here; remove it, and write entities out");
    if (!document)
        return refuse(defect.line, message_of(defect));
    return document;
}

} // namespace jabberd::host
