// SPDX-License-Identifier: LGPL-2.1-or-later
// Splits what a client received into the stream's header, its elements and its end.
#pragma once

#include "support/element.h"

#include <deque>
#include <memory>
#include <string>
#include <string_view>

struct XML_ParserStruct;

namespace jabberd::test {

struct StreamEvent {
    enum class Kind { Header, Element, End };
    Kind kind;
    Element element; // for a header: its attributes, no children

    std::string text() const;
};

class StreamReader {
public:
    StreamReader();
    ~StreamReader();
    StreamReader(const StreamReader &) = delete;
    StreamReader &operator=(const StreamReader &) = delete;

    // Appends to events(). What is not XML, or comes after the end, becomes error().
    void read(std::string_view bytes);

    std::deque<StreamEvent> &events() { return events_; }
    const std::string &error() const { return error_; }

private:
    static void on_start(void *self, const char *name, const char **attributes);
    static void on_end(void *self, const char *name);
    static void on_characters(void *self, const char *text, int size);

    std::unique_ptr<XML_ParserStruct, void (*)(XML_ParserStruct *)> parser_;
    TreeBuilder tree_;
    std::deque<StreamEvent> events_;
    std::string error_;
};

} // namespace jabberd::test
