// SPDX-License-Identifier: LGPL-2.1-or-later
// A test's end of a Unix socket on which whole elements come and go.
#pragma once

#include "support/element_splitter.h"
#include "support/patience.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

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
    bool accept_by(Clock::time_point deadline);
    bool read_by(Clock::time_point deadline);

    int listener_ = -1;
    int fd_ = -1;
    std::deque<std::string> elements_;
    ElementSplitter splitter_{[this](const std::string &element) { elements_.push_back(element); }};
};

} // namespace jabberd::test
