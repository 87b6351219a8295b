// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/xml_file.h"

#include <glib.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <climits>
#include <string_view>
#include <utility>

namespace jabberd::host {

namespace {

struct ContextDeleter {
    void operator()(xmlParserCtxt *context) const
    {
        xmlFreeDoc(context->myDoc);
        xmlFreeParserCtxt(context);
    }
};

// libxml2 ends its messages with a newline.
std::string message_of(const xmlError *error)
{
    std::string_view message = error == nullptr || error->message == nullptr ? "not well-formed XML" : error->message;
    while (message.ends_with('\n'))
        message.remove_suffix(1);
    return std::string{message};
}

void refuse_doctype(void *data, const xmlChar *, const xmlChar *, const xmlChar *)
{
    auto *context = static_cast<xmlParserCtxt *>(data);
    *static_cast<int *>(context->_private) = xmlSAX2GetLineNumber(context);
    xmlStopParser(context);
}

} // namespace

xml::DocumentPtr parse_xml_file(const std::string &file, Mistakes &mistakes)
{
    const auto refuse = [&](int line, std::string why) {
        mistakes.add({JABBERD_LOG_ERROR, file, static_cast<unsigned>(line), std::move(why)});
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

    const std::unique_ptr<xmlParserCtxt, ContextDeleter> context{
        xmlCreateMemoryParserCtxt(bytes, static_cast<int>(size))};
    if (!context)
        return refuse(0, "the file is empty; it should hold <jabber>…</jabber>");
    xmlCtxtUseOptions(context.get(), XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
                                         XML_PARSE_BIG_LINES);
    int doctype_line = 0;
    context->_private = &doctype_line;
    context->sax->internalSubset = refuse_doctype;
    xmlParseDocument(context.get());
    if (doctype_line != 0)
        return refuse(doctype_line, "a DOCTYPE is not allowed here; remove it, and write entities out");
    if (!context->wellFormed)
        return refuse(context->lastError.line, message_of(&context->lastError));
    return xml::DocumentPtr{std::exchange(context->myDoc, nullptr)};
}

} // namespace jabberd::host
