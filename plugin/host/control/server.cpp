// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/server.h"

#include "host/log/log.h"

#include <algorithm>
#include <chrono>

namespace jabberd::host {

namespace {

constexpr std::size_t max_connections = 32; // more than operators and their tools; each may keep megabytes
constexpr std::chrono::milliseconds look_again{50};

} // namespace

ControlServer::ControlServer(Commands &commands, Trace &trace)
    : commands_(commands), trace_(trace), on_end_([this] { remove_finished(); })
{
}

bool ControlServer::listen(const std::string &path, std::string &why)
{
    if (!socket_.listen(path, why))
        return false;
    go_on();
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
    bool out_of_resources = false;
    UniqueFd client = socket_.accept(out_of_resources);
    if (out_of_resources) {
        spares_.give_up();
        client = socket_.accept(out_of_resources);
    }
    if (!client)
        spares_.take(); // it was nobody for whom to give them up, or others were quicker
    if (out_of_resources)
        return pause();
    if (!client)
        return;
    if (connections_.size() >= max_connections)
        end_the_slowest();
    connections_.emplace_back(std::move(client), commands_, trace_, on_end_);
}

// The main loop would find the same client again and again.
void ControlServer::pause()
{
    acceptable_ = Watch{};
    pause_ = Delay{look_again, [this] { go_on(); }};
}

void ControlServer::go_on()
{
    acceptable_ = Watch{socket_.descriptor(), G_IO_IN, [this] { accept(); }};
}

// An answer is as long as there are sessions, and is kept for as long as its client does not read.
void ControlServer::end_the_slowest()
{
    connections_.erase(std::ranges::min_element(connections_, {}, &ControlConnection::last_progress));
    log::write(JABBERD_LOG_WARNING, "host",
               "a client of the control socket that had not read for longest was disconnected, because there were " +
                   std::to_string(max_connections) + " of them, ignoring");
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
    spares_.take();
}

} // namespace jabberd::host
