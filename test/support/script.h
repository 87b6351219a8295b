// SPDX-License-Identifier: LGPL-2.1-or-later
// A test's end of a Unix socket on which whole elements come and go.
#pragma once

#include "support/patience.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct XML_ParserStruct;

namespace jabberd::test {

class Script {
public:
    explicit Script(const std::string &path); // listens there
    ~Script();
    Script(const Script &) = delete;
    Script &operator=(const Script &) = delete;

    // Any number of elements, or parts of them.
    void say(std::string_view xml);

    // The next element, exactly as it was written. Nothing when none has come by then, or the other end is closed.
    std::optional<std::string> take(Clock::time_point deadline = soon());

private:
    static void on_start(void *self, const char *name, const char **attributes);
    static void on_end(void *self, const char *name);
    bool accept_by(Clock::time_point deadline);
    bool read_by(Clock::time_point deadline);
    void read(std::string_view bytes);

    int listener_ = -1;
    int fd_ = -1;
    std::unique_ptr<XML_ParserStruct, void (*)(XML_ParserStruct *)> parser_;
    std::string text_;   // that the parser has seen, from `forgotten_` on
    long forgotten_ = 0; // bytes
    int depth_ = 0;      // the wrapper counts
    long begin_ = 0;     // of the element that is open
    std::deque<std::string> elements_;
};

} // namespace jabberd::test
