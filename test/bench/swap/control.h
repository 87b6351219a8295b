// SPDX-License-Identifier: LGPL-2.1-or-later
// The operator: asks on the control socket, as jabberd-ctl does, and reads the answer when it comes.
#pragma once

#include "base/unique_fd.h"

#include <cstdint>
#include <string>

namespace jabberd::bench {

class Control {
public:
    // Sends one request. Throws std::system_error when nobody is there.
    Control(const std::string &path, const std::string &request);

    int fd() const { return fd_.get(); }
    void on_ready();
    bool is_answered() const { return answered_; }

    const std::string &answer() const { return answer_; } // a line of JSON
    bool says(const std::string &text) const { return answer_.find(text) != std::string::npos; }
    std::int64_t pause_us() const; // 0 when it says none

private:
    UniqueFd fd_;
    std::string answer_;
    bool answered_ = false;
};

} // namespace jabberd::bench
