// SPDX-License-Identifier: LGPL-2.1-or-later
// The entry for classic hosts: <load><pthsock_client>…/socket_manager.so</pthsock_client></load>
#include "classic/entry.h"
#include "base/unique_fd.h"
#include "classic/adapter.h"
#include "classic/hangup.h"
#include "host/log/outlet.h"
#include "host/swap/successor.h"

#include <libxml/parser.h>
#include <openssl/ssl.h>

#include <dlfcn.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace {

using jabberd::classic::Adapter;
using jabberd::classic::Functions;
using jabberd::classic::Hangup;

// A classic host keeps nothing for its components: each keeps itself. One for each service.
struct Loaded {
    ~Loaded()
    {
        end();
        // The thread of a successor that did not return may still call what it was given.
        for (auto &adapter : adapters) {
            if (jabberd::host::any_successor_is_late())
                static_cast<void>(adapter.release());
        }
    }

    std::optional<Functions> functions;
    std::optional<Hangup> hangup;
    std::vector<std::unique_ptr<Adapter>> adapters;

    void end()
    {
        for (const auto &adapter : adapters)
            adapter->end(Adapter::HostIs::Gone);
    }
};

Loaded &loaded()
{
    static Loaded all;
    return all;
}

std::filesystem::path own_file()
{
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void *>(&pthsock_client), &info) == 0 || info.dli_fname == nullptr)
        return {};
    return std::filesystem::absolute(info.dli_fname);
}

// Without its functions there is no way into the log of the host, either.
void say(const std::string &line)
{
    const auto nothing = [](std::uint64_t) { return std::string{}; };
    jabberd::host::log::Outlet{STDERR_FILENO, nothing}.write("socket_manager: " + line + '\n');
}

void load(jabberd::classic::Instance &instance)
{
    jabberd::occupy_standard_descriptors(); // a server in the background may have closed them
    Loaded &all = loaded();
    if (!all.functions) {
        std::string missing;
        all.functions = Functions::find(missing);
        if (!all.functions)
            return say("this host cannot run a socket manager: it has no " + missing + "; it goes on without");
        all.hangup.emplace(*all.functions, [] {
            for (const auto &adapter : loaded().adapters)
                adapter->reload_soon();
        });
        if (!all.hangup->start())
            say("this host does not tell of SIGHUP; jabberd-ctl reload does the same");
        xmlInitParser();
        // Before our own atexit(): what cleans up behind OpenSSL must run after us. jabberd 1.1 has no other hook.
        OPENSSL_init_ssl(0, nullptr);
        std::atexit([] { loaded().end(); });
    }
    auto adapter = std::make_unique<Adapter>(*all.functions, instance, own_file());
    adapter->load();
    all.functions->at_shutdown([](void *data) { static_cast<Adapter *>(data)->end(Adapter::HostIs::Alive); },
                               adapter.get());
    all.adapters.push_back(std::move(adapter));
}

} // namespace

extern "C" void pthsock_client(jabberd::classic::Instance *instance, jabberd::classic::Node *)
try {
    load(*instance);
} catch (const std::exception &problem) {
    say(std::string{"cannot run: "} + problem.what());
}
