// SPDX-License-Identifier: LGPL-2.1-or-later
// The component as a host runs it, with peers that are sockets.
#pragma once

#include "component_stream/wire/handshake.h"
#include "routes_host.h"
#include "support/client.h"
#include "support/config_from_xml.h"

#include <jabberd/handover.h>
#include <jabberd/inspect.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace jabberd::test {

class Instance {
public:
    // `endpoints`: the inside of the section. Not started where it could not be created.
    Instance(RoutesHost &host, const std::string &endpoints, const Instance *predecessor = nullptr);
    ~Instance();
    Instance(const Instance &) = delete;
    Instance &operator=(const Instance &) = delete;

    bool created() const { return instance_ != nullptr; }
    std::uint16_t port(); // of the <accept>, when it listens
    std::map<std::string, std::string> status() const;
    bool wait_for_status(const std::string &key, const std::string &part) const;
    bool reload(const std::string &endpoints);
    void stop();
    void resume(const std::string &name);
    std::string peer_of(const std::string &xml, bool arrives) const; // as a tracing host asks
    const jabberd_handover &handover() const;
    jabberd_instance *get() const { return instance_; }
    bool succeed(Instance &predecessor); // a swap

private:
    RoutesHost &host_;
    std::unique_ptr<Config> config_;
    jabberd_instance *instance_ = nullptr;
    jabberd_handler handler_ = nullptr; // of a successor, until it takes over
    void *handler_data_ = nullptr;
    bool running_ = false;
};

// A peer that connects and shows that it knows the secret.
class Peer {
public:
    explicit Peer(std::uint16_t port, const std::string &name = "rooms.localhost", const std::string &secret = "secret",
                  std::optional<int> receive_buffer = std::nullopt);

    void send(std::string_view xml) { client_.send(xml); }
    std::string next(); // the next element, as XML; "" when the stream has ended
    Client &client() { return client_; }

private:
    Client client_;
};

} // namespace jabberd::test
