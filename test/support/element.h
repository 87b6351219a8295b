// SPDX-License-Identifier: LGPL-2.1-or-later
// XML as a test compares it: a tree without prefixes, quotes or attribute order, read by expat, so that the plugin's
// own reader is never its own judge.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

inline constexpr std::string_view client_namespace = "jabber:client";
inline constexpr std::string_view stream_namespace = "http://etherx.jabber.org/streams";

// An element, or, when it has no name, a run of text.
struct Element {
    std::string xmlns;
    std::string name;
    std::map<std::string, std::string> attributes; // by name; "{namespace}name" where they are in one
    std::vector<Element> children;                 // neighbouring runs of text are one
    std::string text;                              // of a run of text

    bool is_text() const { return name.empty(); }
    friend bool operator==(const Element &, const Element &) = default;
};

// Reads one element as it may stand in a client's stream: jabber:client is the default namespace, and the prefix stream
// is declared. Throws std::invalid_argument, saying what is wrong.
Element parse_element(std::string_view xml);

// One that stands by itself: nothing is declared but what it declares.
Element parse_document(std::string_view xml);

// For people: one line, namespaces written where they change.
std::string to_string(const Element &element, std::string_view outer_namespace = client_namespace);

// Builds trees from a parser's events; whoever owns the parser asks for what is complete.
class TreeBuilder {
public:
    void start(const char *name, const char **attributes); // expat's: "namespace name", NULL-terminated pairs
    void characters(std::string_view text);
    Element end();

    std::size_t depth() const { return open_.size(); }
    Element &innermost() { return open_.back(); }

private:
    std::vector<Element> open_;
};

} // namespace jabberd::test
