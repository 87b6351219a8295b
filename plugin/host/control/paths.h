// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the host and jabberd-ctl meet unless the operator says otherwise.
#pragma once

#include <string>

namespace jabberd::host {

// $JABBERD_CONTROL, else $XDG_RUNTIME_DIR/jabberd.sock, else /run/jabberd/control.sock.
std::string default_control_path();

} // namespace jabberd::host
