// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/tree.h"

#include "host/config/directive.h"
#include "host/config/xml_file.h"
#include "xml/document.h"
#include "xml/text.h"

#include <algorithm>
#include <filesystem>

namespace jabberd::host {

namespace {

constexpr std::size_t max_include_depth = 16; // deeper than operators nest by hand

// One in a namespace is another thing than one without: it keeps its prefix.
std::string name_of(const xmlAttr &attribute)
{
    const std::string name{xml::as_text(attribute.name)};
    return attribute.ns == nullptr || attribute.ns->prefix == nullptr
               ? name
               : std::string{xml::as_text(attribute.ns->prefix)} + ":" + name;
}

// The text directly inside; <jabberd:cmdline flag='h'>value</jabberd:cmdline> counts as its default value.
std::string direct_text(const xmlNode *node)
{
    std::string out;
    for (const xmlNode *child = node->children; child != nullptr; child = child->next) {
        if (child->type == XML_TEXT_NODE)
            out += xml::as_text(child->content);
        else if (child->type == XML_ELEMENT_NODE && is_directive(*child, "cmdline"))
            out += direct_text(child);
    }
    const auto begin = out.find_first_not_of(" \t\r\n");
    return begin == std::string::npos ? "" : out.substr(begin, out.find_last_not_of(" \t\r\n") - begin + 1);
}

} // namespace

// One reading: the tree so far, and the files that are open around the current one.
class TreeReader {
public:
    TreeReader(ConfigTree &tree, Mistakes &mistakes) : tree_(tree), mistakes_(mistakes) {}

    bool read(const std::string &file)
    {
        const auto document = open(file);
        if (!document)
            return false;
        const xmlNode *root = xmlDocGetRootElement(document.get());
        xmlns_ = xml::namespace_of(*root);
        append(&tree_.root_, root);
        files_.pop_back();
        return true;
    }

    void copy(const xmlNode &root, FileOf file_of)
    {
        file_of_ = std::move(file_of);
        append(&tree_.root_, &root);
    }

private:
    using Slot = const jabberd_config **; // where the pointer to the next sibling goes

    // Makes `file` the current one. Null after reporting why not.
    xml::DocumentPtr open(const std::string &file)
    {
        xml::DocumentPtr document = parse_xml_file(file, mistakes_);
        if (document)
            files_.emplace_back(keep(file));
        return document;
    }

    const char *keep(std::string_view text) { return tree_.strings_.emplace_back(text).c_str(); }

    // Kept in the tree, once for neighbours.
    const char *file_of(const xmlNode &node)
    {
        if (!file_of_)
            return files_.back().data();
        if (const std::string &file = file_of_(node); files_.empty() || files_.back() != file)
            files_.assign(1, keep(file));
        return files_.back().data();
    }

    Slot append(Slot slot, const xmlNode *node)
    {
        jabberd_config &element = tree_.elements_.emplace_back();
        element.size = sizeof element;
        element.name = keep(xml::name_of(*node));
        element.xmlns = keep(xml::namespace_of(*node));
        element.text = keep(direct_text(node));
        element.file = file_of(*node);
        element.line = static_cast<unsigned>(xmlGetLineNo(node));
        auto &attributes = tree_.attributes_.emplace_back();
        for (const xmlAttr *attribute = node->properties; attribute != nullptr; attribute = attribute->next)
            attributes.push_back(
                {keep(name_of(*attribute)),
                 keep(xml::as_text(attribute->children == nullptr ? nullptr : attribute->children->content))});
        element.attributes = attributes.data();
        element.attribute_count = attributes.size();
        append_children(&element.first_child, node, element);
        *slot = &element;
        return &element.next;
    }

    Slot append_children(Slot slot, const xmlNode *parent, const jabberd_config &into)
    {
        for (const xmlNode *node = parent->children; node != nullptr; node = node->next) {
            if (node->type != XML_ELEMENT_NODE || is_directive(*node, "cmdline"))
                continue;
            // A component's section may have an <include> of its own; ours is a directive, or in the namespace of the
            // root.
            const bool is_ours = !file_of_ && (is_directive(*node, "include") || (xml::name_of(*node) == "include" &&
                                                                                  xml::namespace_of(*node) == xmlns_));
            slot = is_ours ? include(slot, node, into) : append(slot, node);
        }
        return slot;
    }

    Slot include(Slot slot, const xmlNode *directive, const jabberd_config &into)
    {
        const auto line = static_cast<unsigned>(xmlGetLineNo(directive));
        const auto file =
            (std::filesystem::path{files_.back()}.parent_path() / direct_text(directive)).lexically_normal().string();
        const auto mistake = [&](std::string message) {
            mistakes_.add({JABBERD_LOG_ERROR, std::string{files_.back()}, line, std::move(message)});
        };
        if (std::find(files_.begin(), files_.end(), file) != files_.end()) {
            mistake("this <include> leads back to " + file + ", which is being read; remove one of the two");
            return slot;
        }
        if (files_.size() >= max_include_depth) {
            mistake("an <include> inside " + std::to_string(max_include_depth) +
                    " others; put fewer files into each other");
            return slot;
        }
        const auto document = open(file);
        if (!document) {
            mistake(file + ", which is included here, cannot be used");
            return slot;
        }
        const xmlNode *root = xmlDocGetRootElement(document.get());
        slot = xml::name_of(*root) == into.name ? append_children(slot, root, into) : append(slot, root);
        files_.pop_back();
        return slot;
    }

    ConfigTree &tree_;
    Mistakes &mistakes_;
    std::vector<std::string_view> files_; // kept in the tree, hence terminated
    FileOf file_of_;                      // where elements were read already: nothing is included then
    std::string_view xmlns_;              // of the root element, kept in its document
};

std::unique_ptr<ConfigTree> read_tree(const std::string &file, Mistakes &mistakes)
{
    auto tree = std::make_unique<ConfigTree>();
    TreeReader reader{*tree, mistakes};
    return reader.read(file) ? std::move(tree) : nullptr;
}

std::unique_ptr<ConfigTree> tree_of(const xmlNode &root, FileOf file_of)
{
    auto tree = std::make_unique<ConfigTree>();
    Mistakes none;
    TreeReader{*tree, none}.copy(root, std::move(file_of));
    return tree;
}

bool same_configuration(const jabberd_config &a, const jabberd_config &b)
{
    const auto same = [](const char *x, const char *y) { return std::string_view{x} == y; };
    if (!same(a.name, b.name) || !same(a.xmlns, b.xmlns) || !same(a.text, b.text))
        return false;
    if (!std::equal(a.attributes, a.attributes + a.attribute_count, b.attributes, b.attributes + b.attribute_count,
                    [&](const auto &x, const auto &y) { return same(x.name, y.name) && same(x.value, y.value); }))
        return false;

    const jabberd_config *x = a.first_child;
    const jabberd_config *y = b.first_child;
    for (; x != nullptr && y != nullptr; x = x->next, y = y->next) {
        if (!same_configuration(*x, *y))
            return false;
    }
    return x == y;
}

} // namespace jabberd::host
