// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/sax_events.h"

#include "xml/parser.h"

namespace jabberd::xml {

struct SaxEvents {
    static Parser &parser_of(void *context)
    {
        return *static_cast<Parser *>(static_cast<xmlParserCtxt *>(context)->_private);
    }

    static void start_document(void *context)
    {
        Parser &parser = parser_of(context);
        if (parser.reading())
            parser.on_declaration();
    }

    static void start_element(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *xmlns,
                              int declaration_count, const xmlChar **declarations, int attribute_count,
                              int /*defaulted*/, const xmlChar **attributes)
    {
        Parser &parser = parser_of(context);
        if (!parser.reading())
            return;
        parser.brackets_ = 0;
        if (!parser.tag_is_closed())
            return parser.fail(Fault::NotWellFormed);
        const StartTag tag{name, xmlns, declarations, declaration_count, attributes, attribute_count};
        // libxml2 goes on after an undeclared prefix and makes it part of the name; another reader would not.
        bool undeclared = prefix != nullptr && xmlns == nullptr;
        // An element of that namespace cannot do without its prefix, and no element here has one.
        undeclared = undeclared || xmlns == parser.words_.xml;
        for (int i = 0; i < attribute_count; ++i) {
            const xmlChar **attribute = attributes + i * StartTag::per_attribute;
            undeclared = undeclared || (attribute[1] != nullptr && attribute[2] == nullptr);
        }
        if (undeclared)
            return parser.fail(Fault::BadNamespacePrefix);
        if (!parser.within_limits(tag))
            return;
        // A second header, an error, features: no client may send one of them, and inside of a stanza no peer.
        const bool expected = parser.depth_ == 1 && parser.rules_->stream_elements;
        if (parser.depth_ > 0 && xmlns == parser.words_.streams && !expected)
            return parser.fail(Fault::BadFormat);

        parser.open_.push_back({prefix, name});
        switch (parser.depth_++) {
        case 0: return parser.on_header(tag, prefix);
        case 1: return parser.begin_stanza(tag);
        case 2: parser.count_child(tag); [[fallthrough]];
        default: return parser.body_.start(tag, parser.imposed_on(name));
        }
    }

    static void end_element(void *context, const xmlChar *, const xmlChar *, const xmlChar *)
    {
        Parser &parser = parser_of(context);
        if (!parser.reading())
            return;
        parser.brackets_ = 0;
        const long long end = parser.offset();
        if (end - parser.stanza_begin_ > static_cast<long long>(parser.rules_->limits.bytes))
            return parser.fail(Fault::TooManyBytes);
        parser.open_.pop_back();
        switch (--parser.depth_) {
        case 0: parser.events_->on_stream_end(); return;
        case 1: {
            const long long came = end - parser.stanza_begin_;
            parser.stanza_begin_ = end;
            parser.elements_ = 0;
            return parser.report_stanza(came);
        }
        default: return parser.body_.end();
        }
    }

    static void characters(void *context, const xmlChar *text, int size)
    {
        Parser &parser = parser_of(context);
        if (!parser.reading())
            return;
        parser.characters({reinterpret_cast<const char *>(text), static_cast<std::size_t>(size)});
    }

    // A section comes in pieces when it is long or cut.
    static void cdata(void *context, const xmlChar *text, int size)
    {
        Parser &parser = parser_of(context);
        if (!parser.reading())
            return;
        if (parser.depth_ <= 1)
            return parser.fail(Fault::BadFormat);
        parser.cdata({reinterpret_cast<const char *>(text), static_cast<std::size_t>(size)});
    }

    static void restricted(void *context)
    {
        Parser &parser = parser_of(context);
        if (parser.reading())
            parser.fail(Fault::RestrictedXml);
    }

    static void doctype(void *context, const xmlChar *, const xmlChar *, const xmlChar *) { restricted(context); }
    static void comment(void *context, const xmlChar *) { restricted(context); }
    static void processing_instruction(void *context, const xmlChar *, const xmlChar *) { restricted(context); }
    static void reference(void *context, const xmlChar *) { restricted(context); }

    // libxml2 asks here for the five predefined entities as well; it knows them without our help.
    static xmlEntity *entity(void *context, const xmlChar *name)
    {
        xmlEntity *predefined = xmlGetPredefinedEntity(name);
        if (predefined == nullptr)
            restricted(context);
        return predefined;
    }

    static void error(void *context, xmlError *error)
    {
        // Warnings do not count, and libxml2's doubts about the URIs of namespaces are one, whatever their level: to
        // all other readers they are names. Every other error is fatal here, also those that libxml2 would survive.
        if (context == nullptr || error->level < XML_ERR_ERROR || error->code == XML_WAR_NS_URI)
            return;
        Parser &parser = parser_of(context);
        if (!parser.reading())
            return;
        switch (error->code) {
        case XML_NS_ERR_UNDEFINED_NAMESPACE:
            return parser.fail(parser.tag_is_closed() ? Fault::BadNamespacePrefix : Fault::NotWellFormed);
        case XML_ERR_UNSUPPORTED_ENCODING:
        case XML_ERR_UNKNOWN_ENCODING: return parser.fail(Fault::UnsupportedEncoding);
        default: return parser.fail(Fault::NotWellFormed);
        }
    }
};

xmlSAXHandler *sax_handler()
{
    static const xmlSAXHandler handler = [] {
        xmlSAXHandler h{};
        h.initialized = XML_SAX2_MAGIC;
        h.startDocument = SaxEvents::start_document;
        h.startElementNs = SaxEvents::start_element;
        h.endElementNs = SaxEvents::end_element;
        h.characters = SaxEvents::characters;
        h.ignorableWhitespace = SaxEvents::characters;
        h.cdataBlock = SaxEvents::cdata;
        h.internalSubset = SaxEvents::doctype;
        h.comment = SaxEvents::comment;
        h.processingInstruction = SaxEvents::processing_instruction;
        h.reference = SaxEvents::reference;
        h.getEntity = SaxEvents::entity;
        h.serror = SaxEvents::error;
        return h;
    }();
    return const_cast<xmlSAXHandler *>(&handler);
}

} // namespace jabberd::xml
