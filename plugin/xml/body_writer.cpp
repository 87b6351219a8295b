// SPDX-License-Identifier: LGPL-2.1-or-later
#include "xml/body_writer.h"

#include "xml/escape.h"

namespace jabberd::xml {

namespace {

bool declares(const StartTag &tag, const xmlChar *prefix)
{
    for (int i = 0; i < tag.declaration_count; ++i) {
        if (tag.declarations[2 * i] == prefix) // both from the parser's dictionary
            return true;
    }
    return false;
}

// Whether an attribute before number `end` has that prefix.
bool used_before(const StartTag &tag, int end, const xmlChar *prefix)
{
    for (int i = 0; i < end; ++i) {
        if (tag.attributes[i * StartTag::per_attribute + 1] == prefix)
            return true;
    }
    return false;
}

void append_declaration(std::string &out, const xmlChar *prefix, const xmlChar *xmlns)
{
    out += " xmlns:";
    out += as_text(prefix);
    out += "='";
    append_attribute_value(out, as_text(xmlns));
    out += '\'';
}

} // namespace

void BodyWriter::begin(const xmlChar *xmlns)
{
    text_.clear();
    open_.clear();
    open_.push_back({nullptr, xmlns});
    declarations_ = 0;
    in_start_tag_ = false;
}

void BodyWriter::start(const StartTag &tag, const Imposed *imposed)
{
    close_start_tag();
    const xmlChar *outer = open_.back().xmlns;
    const bool same = tag.xmlns == outer || as_text(tag.xmlns) == as_text(outer);
    text_ += '<';
    text_ += as_text(tag.name);
    const std::size_t before = text_.size();
    if (!same)
        append_attribute(text_, "xmlns", as_text(tag.xmlns));
    for (int i = 0; i < tag.declaration_count; ++i) {
        if (tag.declarations[2 * i] != nullptr)
            append_declaration(text_, tag.declarations[2 * i], tag.declarations[2 * i + 1]);
    }
    for (int i = 0; i < tag.attribute_count; ++i) {
        const xmlChar **attribute = tag.attributes + i * StartTag::per_attribute;
        const xmlChar *prefix = attribute[1];
        if (prefix != nullptr && as_text(prefix) != "xml" && !declares(tag, prefix) && !used_before(tag, i, prefix))
            append_declaration(text_, prefix, attribute[2]);
    }
    declarations_ += text_.size() - before;
    for (int i = 0; i < tag.attribute_count; ++i) {
        const xmlChar **attribute = tag.attributes + i * StartTag::per_attribute;
        const std::string_view name = as_text(attribute[0]);
        const xmlChar *prefix = attribute[1];
        if (imposed != nullptr && prefix == nullptr && name == imposed->attribute)
            continue;
        text_ += ' ';
        if (prefix != nullptr) {
            text_ += as_text(prefix);
            text_ += ':';
        }
        text_ += name;
        text_ += "='";
        append_attribute_value(text_, {reinterpret_cast<const char *>(attribute[3]),
                                       static_cast<std::size_t>(attribute[4] - attribute[3])});
        text_ += '\'';
    }
    if (imposed != nullptr)
        append_attribute(text_, imposed->attribute, imposed->value);
    open_.push_back({tag.name, tag.xmlns});
    in_start_tag_ = true;
}

void BodyWriter::characters(std::string_view plain)
{
    if (plain.empty()) // an empty CDATA section: the element stays empty
        return;
    close_start_tag();
    append_text(text_, plain);
}

void BodyWriter::end()
{
    if (in_start_tag_) {
        text_ += "/>";
        in_start_tag_ = false;
    } else {
        text_ += "</";
        text_ += as_text(open_.back().name);
        text_ += '>';
    }
    open_.pop_back();
}

void BodyWriter::close_start_tag()
{
    if (!in_start_tag_)
        return;
    text_ += '>';
    in_start_tag_ = false;
}

} // namespace jabberd::xml
