// SPDX-License-Identifier: LGPL-2.1-or-later
// The control socket as a file: made, guarded, removed.
#pragma once

#include "base/unique_fd.h"

#include <string>

namespace jabberd::host {

// Connects to the control socket at `path`. Holds nothing after saying in `why` what is wrong, with errno as connect()
// left it.
UniqueFd connect_control(const std::string &path, std::string &why);

// A listening Unix socket at a path, mode 0600. What a dead host left there is replaced; a living one is not.
class ControlSocket {
public:
    ControlSocket() = default;
    ~ControlSocket(); // removes the file
    ControlSocket(const ControlSocket &) = delete;
    ControlSocket &operator=(const ControlSocket &) = delete;

    // False after saying in `why` what is in the way. How to choose another path, each host knows for itself.
    bool listen(const std::string &path, std::string &why);

    int descriptor() const { return socket_.get(); }

    // The next client, non-blocking; nothing when there is none, or when it is neither root nor us. The mode of the
    // file keeps others out as well; this holds on file systems that ignore it.
    UniqueFd accept() const;

private:
    std::string path_; // empty: not ours to remove
    UniqueFd socket_;
};

} // namespace jabberd::host
