// SPDX-License-Identifier: LGPL-2.1-or-later
// The standard input of jabberd-ctl, where a command asks for it: a line that is a secret, or bytes.
#pragma once

#include "base/secret.h"

#include <optional>
#include <string>

namespace jabberd::ctl {

class Input {
public:
    Input();
    ~Input();
    Input(const Input &) = delete;
    Input &operator=(const Input &) = delete;

    // Some bytes; none at the end. Blocks.
    Secret some();

    // The next line, without its end. Nothing where there is none, or where it is longer than a secret may be. Blocks.
    std::optional<Secret> line();

private:
    bool fill();

    std::string buffer_; // read, and not given yet; never longer than it was made
};

} // namespace jabberd::ctl
