// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/broker.h"

#include "net/listener.h"
#include "support/environment.h"

#include <cstdlib>
#include <vector>

namespace jabberd::test {

namespace {

std::uint16_t unused_port()
{
    return net::Listener{*net::SocketAddress::parse("127.0.0.1", 0)}.address().port();
}

} // namespace

bool Broker::available()
{
    return std::getenv("NATS_SERVER") != nullptr;
}

Broker::Broker() : Broker(std::string{})
{
}

Broker::Broker(const Broker &hub)
    : Broker("remotes: [ { url: \"nats-leaf://" + std::string{user} + ":only%20for%20this%20test@127.0.0.1:" +
             std::to_string(hub.leaf_port_) + "\", account: cluster } ], reconnect: 1")
{
}

Broker::Broker(const std::string &leaf_nodes)
    : port_(unused_port())
    , leaf_port_(unused_port())
    , config_(directory_.write(
          "broker.conf",
          "listen: 127.0.0.1:" + std::to_string(port_) + "\naccounts { cluster { users: [ { user: " + user +
              ", password: \"" + password + "\" } ] } }\nleafnodes { " +
              (leaf_nodes.empty() ? "listen: 127.0.0.1:" + std::to_string(leaf_port_) : leaf_nodes) + " }\n"))
{
    start();
}

Broker::~Broker()
{
    if (process_)
        kill();
}

void Broker::start()
{
    process_ = std::make_unique<Process>(std::vector<std::string>{needed_environment("NATS_SERVER"), "-c", config_});
    process_->wait_for("Server is ready");
}

void Broker::kill()
{
    process_->signal(SIGKILL);
    process_->wait();
    process_.reset();
}

std::string Broker::section(const std::string &tried) const
{
    return "<nats><server>" + url() + "</server><user>" + user + "</user><password>" + tried + "</password></nats>";
}

} // namespace jabberd::test
