// SPDX-License-Identifier: LGPL-2.1-or-later
// The Unix sockets of a classic host under test: that of its session managers, which are played here, and the control
// socket.
#pragma once

#include "base/unique_fd.h"
#include "support/element_splitter.h"

#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace jabberd::test {

// Listens for the host. What its session managers get comes one element after the other.
class Script {
public:
    explicit Script(const std::string &path); // throws std::runtime_error
    ~Script();
    Script(const Script &) = delete;
    Script &operator=(const Script &) = delete;

    // The host has connected, or will at once, in place of one that was there before. `take` is called on a thread of
    // its own.
    void start(ElementSplitter::Take take);

    // [any-thread] An element, or several, for the host to deliver.
    void say(std::string_view elements);

    // Whether this is the thread on which elements are taken.
    bool is_taking() const { return std::this_thread::get_id() == thread_.get_id(); }

private:
    void hang_up();
    void read(const ElementSplitter::Take &take) const;

    UniqueFd listener_, socket_;
    std::mutex writing_;
    std::thread thread_;
};

// Says one line, and returns all that is answered; nothing when nobody listens there.
std::string ask_control(const std::string &path, const std::string &line);

} // namespace jabberd::test
