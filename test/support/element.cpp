// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/element.h"

#include "xml/escape.h"

#include <expat.h>

#include <memory>
#include <stdexcept>
#include <utility>

namespace jabberd::test {

namespace {

std::pair<std::string, std::string> split_name(std::string_view name)
{
    const auto space = name.find(' ');
    if (space == std::string_view::npos)
        return {"", std::string{name}};
    return {std::string{name.substr(0, space)}, std::string{name.substr(space + 1)}};
}

TreeBuilder &builder(void *data)
{
    return *static_cast<TreeBuilder *>(data);
}

void on_start(void *data, const char *name, const char **attributes)
{
    builder(data).start(name, attributes);
}

// The outermost element stays open.
void on_end(void *data, const char *)
{
    if (builder(data).depth() == 1)
        return;
    Element done = builder(data).end();
    builder(data).innermost().children.push_back(std::move(done));
}

void on_characters(void *data, const char *text, int size)
{
    builder(data).characters({text, static_cast<std::size_t>(size)});
}

Element parse(const std::string &document)
{
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser{XML_ParserCreateNS("UTF-8", ' '),
                                                                              XML_ParserFree};
    TreeBuilder tree;
    XML_SetUserData(parser.get(), &tree);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser.get(), on_characters);
    if (XML_Parse(parser.get(), document.data(), static_cast<int>(document.size()), XML_TRUE) != XML_STATUS_OK)
        throw std::invalid_argument(std::string{XML_ErrorString(XML_GetErrorCode(parser.get()))} + " in " + document);
    return tree.end();
}

} // namespace

void TreeBuilder::start(const char *name, const char **attributes)
{
    Element &element = open_.emplace_back();
    std::tie(element.xmlns, element.name) = split_name(name);
    for (; *attributes != nullptr; attributes += 2) {
        const auto [xmlns, local] = split_name(attributes[0]);
        element.attributes[xmlns.empty() ? local : "{" + xmlns + "}" + local] = attributes[1];
    }
}

void TreeBuilder::characters(std::string_view text)
{
    auto &children = open_.back().children;
    if (children.empty() || !children.back().is_text())
        children.emplace_back();
    children.back().text += text;
}

Element TreeBuilder::end()
{
    Element done = std::move(open_.back());
    open_.pop_back();
    return done;
}

Element parse_element(std::string_view xml)
{
    Element wrapper = parse("<stream:stream xmlns='" + std::string{client_namespace} + "' xmlns:stream='" +
                            std::string{stream_namespace} + "'>" + std::string{xml} + "</stream:stream>");
    auto &children = wrapper.children;
    if (children.size() != 1 || children[0].is_text())
        throw std::invalid_argument("not one element: " + std::string{xml});
    return std::move(children[0]);
}

Element parse_document(std::string_view xml)
{
    return parse(std::string{xml});
}

std::string to_string(const Element &element, std::string_view outer_namespace)
{
    std::string out;
    if (element.is_text()) {
        xml::append_text(out, element.text);
        return out;
    }
    const bool of_stream = element.xmlns == stream_namespace;
    const std::string name = (of_stream ? "stream:" : "") + element.name;
    out += "<" + name;
    if (!of_stream && element.xmlns != outer_namespace)
        xml::append_attribute(out, "xmlns", element.xmlns);
    for (const auto &[attribute, value] : element.attributes)
        xml::append_attribute(out, attribute, value);
    if (element.children.empty())
        return out + "/>";
    out += ">";
    for (const Element &child : element.children)
        out += to_string(child, of_stream ? outer_namespace : element.xmlns);
    return out + "</" + name + ">";
}

} // namespace jabberd::test
