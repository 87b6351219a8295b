// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stub/config_tree.h"

#include <expat.h>

#include <memory>
#include <stdexcept>

namespace jabberd::test {

namespace {

// "namespace name", as expat writes it.
std::string_view local_part(std::string_view name)
{
    return name.substr(name.find(' ') + 1);
}

std::string_view namespace_part(std::string_view name)
{
    const auto space = name.find(' ');
    return space == std::string_view::npos ? std::string_view{} : name.substr(0, space);
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view white = " \t\r\n";
    const auto first = text.find_first_not_of(white);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(white) - first + 1);
}

} // namespace

ConfigTree::ConfigTree(std::string_view xml, const std::string &file, unsigned first_line) : first_line_{first_line}
{
    file_ = keep(file);
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser{XML_ParserCreateNS("UTF-8", ' '),
                                                                              XML_ParserFree};
    parser_ = parser.get();
    XML_SetUserData(parser.get(), this);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser.get(), on_characters);
    if (XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE) != XML_STATUS_OK)
        throw std::invalid_argument(std::string{XML_ErrorString(XML_GetErrorCode(parser.get()))} + " in " +
                                    std::string{xml});
    parser_ = nullptr;
}

void ConfigTree::on_start(void *self, const char *name, const char **attributes)
{
    auto &tree = *static_cast<ConfigTree *>(self);
    auto &kept = tree.attributes_.emplace_back();
    for (; *attributes != nullptr; attributes += 2)
        kept.push_back({tree.keep(local_part(attributes[0])), tree.keep(attributes[1])});

    jabberd_config &node = tree.nodes_.emplace_back();
    node.size = sizeof node;
    node.name = tree.keep(local_part(name));
    node.xmlns = tree.keep(namespace_part(name));
    node.file = tree.file_;
    node.line =
        tree.first_line_ + static_cast<unsigned>(XML_GetCurrentLineNumber(static_cast<XML_Parser>(tree.parser_))) - 1;
    node.attributes = kept.data();
    node.attribute_count = kept.size();
    if (!tree.open_.empty()) {
        Open &parent = tree.open_.back();
        (parent.last_child == nullptr ? parent.node->first_child : parent.last_child->next) = &node;
        parent.last_child = &node;
    }
    tree.open_.push_back({&node, nullptr, {}});
}

void ConfigTree::on_end(void *self, const char *)
{
    auto &tree = *static_cast<ConfigTree *>(self);
    Open &done = tree.open_.back();
    done.node->text = tree.keep(trimmed(done.text));
    tree.open_.pop_back();
}

void ConfigTree::on_characters(void *self, const char *text, int size)
{
    auto &tree = *static_cast<ConfigTree *>(self);
    tree.open_.back().text.append(text, static_cast<std::size_t>(size));
}

} // namespace jabberd::test
