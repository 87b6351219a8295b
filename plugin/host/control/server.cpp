// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/server.h"

#include "host/log/log.h"

namespace jabberd::host {

ControlServer::ControlServer(Commands &commands, Trace &trace)
    : commands_(commands), trace_(trace), on_end_([this] { remove_finished(); })
{
}

bool ControlServer::listen(const std::string &path, std::string &why)
{
    if (!socket_.listen(path, why))
        return false;
    acceptable_ = Watch{socket_.descriptor(), G_IO_IN, [this] { accept(); }};
    traced_ = Watch{trace_.descriptor(), G_IO_IN, [this] { send_traces(); }};
    return true;
}

void ControlServer::restore(Mistakes &mistakes)
{
    const std::string path = socket_.path();
    if (path.empty() || socket_.is_there())
        return;
    if (std::string why; !listen(path, why))
        return mistakes.add({JABBERD_LOG_WARNING, path, 0,
                             "the control socket is gone, and cannot be made again: " + why + ", ignoring"});
    log::write(JABBERD_LOG_NOTICE, "host", "the control socket " + path + " was gone, and is there again");
}

void ControlServer::accept()
{
    if (UniqueFd client = socket_.accept())
        connections_.emplace_back(std::move(client), commands_, trace_, on_end_);
}

void ControlServer::send_traces()
{
    trace_.acknowledge();
    for (ControlConnection &connection : connections_)
        connection.send_trace();
    remove_finished();
}

void ControlServer::remove_finished()
{
    connections_.remove_if([](const ControlConnection &connection) { return connection.finished(); });
}

} // namespace jabberd::host
