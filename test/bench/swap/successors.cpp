// SPDX-License-Identifier: LGPL-2.1-or-later
#include "swap/successors.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace jabberd::bench {

namespace {

std::uint16_t listen_somewhere(const UniqueFd &fd)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const auto any = reinterpret_cast<sockaddr *>(&address);
    if (bind(fd.get(), any, size) != 0 || listen(fd.get(), 1) != 0 || getsockname(fd.get(), any, &size) != 0)
        return 0;
    return ntohs(address.sin_port);
}

} // namespace

Successors::Successors(const Options &options, const Server &server)
    : options_(options), server_(server), taken_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
{
    const std::string port = std::to_string(listen_somewhere(taken_));
    failures_ = {
        {"no_such_file", "load: "},
        {"no_note", "load: "},
        {"other_major", "load: "},
        {"undefined_symbol", "load: "},
        {"no_create", "load: "},
        {"good", "compare: "},      // not meant for this service
        {"no_commit", "compare: "}, // cannot be handed over
        {"succession_fails", "create: "},
        {"", "create: ", "<listen port='70000'/>"},
        {"thaw_fails", "thaw: "}, // knows no record of ours
        {"", "thaw: ", "<host>elsewhere</host>"},
        // Found out last of all, when it has made every connection.
        {"", "thaw: ", "<listen port='" + port + "'>127.0.0.1</listen>"},
    };
}

Attempt Successors::next(unsigned number)
{
    if (!options_.failing)
        return succeed();
    const auto which = number % (failures_.size() + 1);
    return which == failures_.size() ? succeed() : fail(failures_[which]);
}

// A reload swaps when the file is another: never one of the two that take turns.
Attempt Successors::fail(const Failure &failure) const
{
    if (!failure.file.empty())
        return {"swap c2s " + options_.fixtures + "/" + failure.file + ".so", failure.step};
    server_.configure(2, failure.more);
    return {"reload", failure.step};
}

Attempt Successors::succeed()
{
    server_.configure(0, ""); // what failed has left another
    return {"swap c2s " + server_.copy(++done_ % 2), "\"swapped\":true"};
}

} // namespace jabberd::bench
