// SPDX-License-Identifier: LGPL-2.1-or-later
// The control socket as a file: where it is, made, guarded, removed.
#pragma once

#include "base/unique_fd.h"

#include <sys/stat.h>

#include <string>

namespace jabberd::host {

// Where the host and jabberd-ctl meet unless the operator says otherwise: $JABBERD_CONTROL, else
// $XDG_RUNTIME_DIR/jabberd.sock, else /run/jabberd/control.sock.
std::string default_control_path();

// Connects to the control socket at `path`. Holds nothing after saying in `why` what is wrong, with errno as connect()
// left it.
UniqueFd connect_control(const std::string &path, std::string &why);

// A listening Unix socket at a path, mode 0600. What a dead host left there is replaced; a living one is not.
class ControlSocket {
public:
    ControlSocket() = default;
    ~ControlSocket(); // removes the file, if it is still ours
    ControlSocket(const ControlSocket &) = delete;
    ControlSocket &operator=(const ControlSocket &) = delete;

    // False after saying in `why` what is in the way. How to choose another path, each host knows for itself.
    bool listen(const std::string &path, std::string &why);

    int descriptor() const { return socket_.get(); }
    const std::string &path() const { return path_; } // "": it does not listen

    // Whether clients that look for the file find this socket.
    bool is_there() const;

    // The next client, non-blocking; nothing when there is none, or when it is neither root nor us. The mode of the
    // file keeps others out as well; this holds on file systems that ignore it. True in `out_of_resources`: there is
    // one, and nothing to take it with.
    UniqueFd accept(bool &out_of_resources) const;

private:
    std::string path_;    // empty: not ours to remove
    struct stat made_ {}; // the file as we made it
    UniqueFd socket_;
};

} // namespace jabberd::host
