// SPDX-License-Identifier: LGPL-2.1-or-later
// Writes the inside of a stanza as canonical XML while it is being parsed.
#pragma once

#include "xml/stanza.h"
#include "xml/text.h"

#include <libxml/tree.h>

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::xml {

// The attributes and declarations of one start tag, as libxml2's SAX2 hands them over: borrowed for the event.
struct StartTag {
    const xmlChar *name;
    const xmlChar *xmlns;         // may be null
    const xmlChar **declarations; // prefix, namespace
    int declaration_count;
    const xmlChar **attributes; // name, prefix, namespace, value, end of value
    int attribute_count;

    static constexpr int per_attribute = 5;
};

// The canonical form: elements never have a prefix, their namespace is declared where it changes; prefixes are declared
// where an attribute uses one, or the sender declared one; empty elements are closed at once; single quotes; nothing
// but elements, attributes and text. So what was a prefix to one reader cannot be a name to another.
class BodyWriter {
public:
    // Begins an empty body for a stanza in `xmlns`. Names and namespaces must stay where they are until the body is
    // done (libxml2's dictionary keeps them).
    void begin(const xmlChar *xmlns);

    // `imposed`: null, or the attribute that this element has in any case.
    void start(const StartTag &tag, const Imposed *imposed);
    void characters(std::string_view plain);
    void end();

    const std::string &text() const { return text_; }
    std::size_t declarations() const { return declarations_; } // how many bytes of it declare namespaces

private:
    struct Open {
        const xmlChar *name;
        const xmlChar *xmlns;
    };

    void close_start_tag();

    std::string text_;
    std::vector<Open> open_; // [0] is the stanza itself
    std::size_t declarations_ = 0;
    bool in_start_tag_ = false;
};

} // namespace jabberd::xml
