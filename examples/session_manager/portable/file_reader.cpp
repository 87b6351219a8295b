// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/portable/file_reader.h"

#include "xml/declared_encoding.h"
#include "xml/document.h"

#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <new>
#include <utility>

namespace jabberd::session_manager::portable {

namespace {

constexpr int deepest = 256 + 16; // what a client may nest, and what is around it here
constexpr int depth_of_user = 3;  // <server-data><host><user>
constexpr std::size_t most_at_once = 1 << 20;
constexpr std::size_t bytes_that_tell_encoding = 4; // a byte order mark, or '<' in two or four bytes (XML 1.0, F.1)
constexpr const char *other_encoding = "only UTF-8 is read: convert it first (iconv -t UTF-8)";

bool is_utf8(xmlCharEncoding encoding)
{
    return encoding == XML_CHAR_ENCODING_NONE || encoding == XML_CHAR_ENCODING_UTF8;
}

// libxml2 joins a text with one that stands before it by what it remembers of that; it must not remember what is gone.
void remove_children(xmlParserCtxt &context, xmlNode *parent)
{
    while (xmlNode *node = parent->children) {
        xmlUnlinkNode(node);
        xmlFreeNode(node);
    }
    context.nodelen = context.nodemem = 0;
}

} // namespace

void FileReader::Closer::operator()(xmlParserCtxt *context) const
{
    xmlFreeDoc(context->myDoc);
    xmlFreeParserCtxt(context);
}

FileReader::FileReader(OnUser on_user, Remark remark)
    : on_user_(std::move(on_user))
    , remark_(std::move(remark))
    , context_(xmlCreatePushParserCtxt(nullptr, nullptr, nullptr, 0, nullptr))
{
    if (!context_)
        throw std::bad_alloc{};
    context_->_private = this;
    // References are replaced, for without that libxml2 keeps "&#38;" in the names of namespaces. HUGE: what a client
    // may nest is as deep as libxml2 would go, and here it is inside of more; the limit is `deepest`.
    xmlCtxtUseOptions(context_.get(), XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                          XML_PARSE_NOCDATA | XML_PARSE_NOENT | XML_PARSE_BIG_LINES | XML_PARSE_HUGE);
    context_->sax->startDocument = start_document;
    context_->sax->internalSubset = refuse_doctype;
    context_->sax->startElementNs = start_element;
    context_->sax->endElementNs = end_element;
}

FileReader::~FileReader() = default;

bool FileReader::take(std::string_view bytes)
{
    // libxml2 looks at the first bytes once, and only at those that come together. A file that libxml2 would convert is
    // refused before: a conversion that fails half way is reported by no error.
    if (begin_.size() < bytes_that_tell_encoding) {
        const std::size_t missing = std::min(bytes_that_tell_encoding - begin_.size(), bytes.size());
        begin_ += bytes.substr(0, missing);
        bytes.remove_prefix(missing);
        if (begin_.size() < bytes_that_tell_encoding)
            return !stopped_;
        if (!is_utf8(xmlDetectCharEncoding(reinterpret_cast<const xmlChar *>(begin_.data()), bytes_that_tell_encoding)))
            stop(other_encoding);
        else
            parse(begin_, false);
    }
    while (!bytes.empty() && !stopped_) {
        if (!parse(bytes.substr(0, most_at_once), false))
            return false;
        bytes.remove_prefix(std::min(bytes.size(), most_at_once));
    }
    return !stopped_;
}

bool FileReader::finish()
{
    return !stopped_ && parse(begin_.size() < bytes_that_tell_encoding ? begin_ : std::string_view{}, true);
}

bool FileReader::parse(std::string_view bytes, bool is_last)
{
    xmlParseChunk(context_.get(), bytes.data(), static_cast<int>(bytes.size()), is_last ? 1 : 0);
    if (problem_)
        std::rethrow_exception(std::exchange(problem_, nullptr));
    if (!stopped_ && context_->wellFormed == 0) {
        stopped_ = true;
        const xmlError &error = context_->lastError;
        std::string message = error.message == nullptr ? "" : error.message;
        message.erase(message.find_last_not_of('\n') + 1);
        remark_(error.line, "this is not well-formed XML: " + message);
    }
    return !stopped_;
}

void FileReader::stop(const std::string &why)
{
    if (!std::exchange(stopped_, true))
        remark_(xmlSAX2GetLineNumber(context_.get()), why);
    xmlStopParser(context_.get());
}

void FileReader::start_document(void *data)
{
    const auto *context = static_cast<const xmlParserCtxt *>(data);
    if (!xml::declares_utf8(*context->input))
        return static_cast<FileReader *>(context->_private)->stop(other_encoding);
    xmlSAX2StartDocument(data);
}

void FileReader::refuse_doctype(void *data, const xmlChar *, const xmlChar *, const xmlChar *)
{
    static_cast<FileReader *>(static_cast<xmlParserCtxt *>(data)->_private)->stop("a DOCTYPE is not taken");
}

void FileReader::start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *namespace_of_it,
                               int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
                               const xmlChar **attributes)
{
    auto *context = static_cast<xmlParserCtxt *>(data);
    auto &self = *static_cast<FileReader *>(context->_private);
    const std::string_view given = reinterpret_cast<const char *>(name);
    const std::string_view of = namespace_of_it == nullptr ? "" : reinterpret_cast<const char *>(namespace_of_it);
    if (context->nameNr == 0 && (given != "server-data" || of != xmlns))
        return self.stop("this is no file of XEP-0227, which begins with <server-data xmlns='urn:xmpp:pie:0'>");
    if (context->nameNr > deepest)
        return self.stop("elements are nested more than " + std::to_string(deepest) + " deep");
    xmlSAX2StartElementNs(data, name, prefix, namespace_of_it, namespace_count, namespaces, attribute_count, defaulted,
                          attributes);
}

void FileReader::end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *namespace_of_it)
{
    auto *context = static_cast<xmlParserCtxt *>(data);
    xmlSAX2EndElementNs(data, name, prefix, namespace_of_it);
    auto &self = *static_cast<FileReader *>(context->_private);
    try {
        self.ended();
    } catch (...) { // no exception may pass the library
        self.problem_ = std::current_exception();
        self.stopped_ = true;
        xmlStopParser(context);
    }
}

// An element in what is open now: its last child.
void FileReader::ended()
{
    xmlNode *parent = context_->node;
    const xmlNode *node = parent == nullptr ? nullptr : parent->last;
    if (node == nullptr || stopped_ || context_->nodeNr >= depth_of_user)
        return;
    if (context_->nsWellFormed == 0) // it would be written to a client as it is
        return stop("this is not well-formed XML: a prefix is not declared");
    const bool is_in_host = context_->nodeNr == depth_of_user - 1 && xml::is_element(parent, "host", xmlns);
    if (is_in_host && xml::is_element(node, "user", xmlns))
        on_user_(node, xml::attribute(parent, "jid"));
    else if (is_in_host || (context_->nodeNr == 1 && !xml::is_element(node, "host", xmlns)))
        remark_(xmlGetLineNo(node),
                "<" + std::string{xml::name_of(*node)} + "> of " +
                    (xml::namespace_of(*node).empty() ? "no namespace" : std::string{xml::namespace_of(*node)}) +
                    " is unknown there, ignoring");
    remove_children(*context_, parent);
}

} // namespace jabberd::session_manager::portable
