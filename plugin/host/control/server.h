// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers jabberd-ctl.
#pragma once

#include "host/config/mistakes.h"
#include "host/control/connection.h"
#include "host/control/socket.h"
#include "host/control/spare_descriptors.h"

#include <functional>
#include <list>
#include <string>

namespace jabberd::host {

// [main] Works while the main loop runs. Its end closes all connections, which tells `jabberd-ctl stop` that it is
// done.
class ControlServer {
public:
    ControlServer(Commands &commands, Trace &trace);

    // False after saying in `why` what is in the way.
    bool listen(const std::string &path, std::string &why);

    // Makes the file of the socket again where it was removed (by a cleaner of /run or /tmp, or by hand). Connections
    // that there are stay. What is in the way is in `mistakes`, as a warning.
    void restore(Mistakes &mistakes);

private:
    void accept();
    void pause();
    void go_on();
    void end_the_slowest();
    void send_traces();
    void remove_finished();

    Commands &commands_;
    Trace &trace_;
    ControlSocket socket_;
    const std::function<void()> on_end_;
    std::list<ControlConnection> connections_;
    SpareDescriptors spares_;
    Watch acceptable_;
    Delay pause_; // nobody is accepted meanwhile
    Watch traced_;
};

} // namespace jabberd::host
