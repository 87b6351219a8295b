// SPDX-License-Identifier: LGPL-2.1-or-later
// jabberd-ctl's end of the control socket.
#pragma once

#include "base/unique_fd.h"

#include <optional>
#include <string>

namespace jabberd::ctl {

// One request and its answers. Blocks.
class Client {
public:
    // False after explaining on standard error that no host listens there, or what else is wrong.
    bool ask(const std::string &path, const std::string &request);

    // Its parts. `why` says what is wrong, with errno as connect() left it.
    bool connect(const std::string &path, std::string &why);
    bool send_line(const std::string &line);

    // The next line of the answer, without its end. Nothing when the host has closed the connection.
    std::optional<std::string> next_line();

private:
    UniqueFd socket_;
    std::string received_;
};

} // namespace jabberd::ctl
