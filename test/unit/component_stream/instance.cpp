// SPDX-License-Identifier: LGPL-2.1-or-later
#include "instance.h"

#include "base/view.h"
#include "support/packet_from_xml.h"

#include <algorithm>
#include <regex>
#include <thread>

extern "C" const jabberd_component component_stream_object __asm__(JABBERD_COMPONENT_SYMBOL);

namespace jabberd::test {

namespace {

const jabberd_component &component()
{
    return component_stream_object;
}

} // namespace

Instance::Instance(RoutesHost &host, const std::string &endpoints, const Instance *predecessor)
    : host_(host)
    , config_(std::make_unique<Config>("<service id='components'><load/>\n<component-stream "
                                       "xmlns='jabber:config:component-stream'>\n" +
                                           endpoints + "</component-stream></service>",
                                       "jabber.xml"))
{
    host_.succession = predecessor != nullptr;
    handler_ = host_.handler;
    handler_data_ = host_.handler_data;
    instance_ = component().create(host.host(), &config_->root());
    host_.succession = false;
    if (predecessor != nullptr) { // the old one is asked until then
        std::swap(handler_, host_.handler);
        std::swap(handler_data_, host_.handler_data);
    }
    for (const std::string &report : instance_ == nullptr ? host_.reports() : std::vector<std::string>{})
        ADD_FAILURE() << report;
    if (instance_ != nullptr && predecessor == nullptr)
        running_ = component().start(instance_);
}

Instance::~Instance()
{
    if (instance_ == nullptr)
        return;
    stop();
    component().destroy(instance_);
}

void Instance::stop()
{
    if (std::exchange(running_, false))
        component().stop(instance_, 2000);
}

std::uint16_t Instance::port()
{
    EXPECT_TRUE(host_.wait_for_log("listens for components")) << testing::PrintToString(host_.logs());
    for (const std::string &line : host_.logs()) {
        std::smatch found;
        if (std::regex_search(line, found, std::regex{"listens.*ADDRESS=127\\.0\\.0\\.1:(\\d+)"}))
            return static_cast<std::uint16_t>(std::stoi(found[1]));
    }
    return 0;
}

std::map<std::string, std::string> Instance::status() const
{
    std::map<std::string, std::string> all;
    const auto *inspect = static_cast<const jabberd_inspect *>(component().get_extension(instance_, JABBERD_INSPECT));
    inspect->status(
        instance_,
        [](void *data, jabberd_view key, jabberd_view value) {
            static_cast<std::map<std::string, std::string> *>(data)->emplace(text(key), text(value));
        },
        &all);
    return all;
}

bool Instance::wait_for_status(const std::string &key, const std::string &part) const
{
    for (const auto deadline = soon(); Clock::now() < deadline; std::this_thread::yield()) {
        const auto all = status();
        const auto found = all.find(key);
        if (found != all.end() && found->second.find(part) != std::string::npos)
            return true;
    }
    return false;
}

bool Instance::reload(const std::string &endpoints)
{
    auto config = std::make_unique<Config>("<service id='components'><load/>\n<component-stream "
                                           "xmlns='jabber:config:component-stream'>\n" +
                                               endpoints + "</component-stream></service>",
                                           "jabber.xml");
    const bool done = component().reload(instance_, &config->root());
    if (done)
        config_ = std::move(config);
    return done;
}

void Instance::resume(const std::string &name)
{
    static_cast<const jabberd_destinations *>(component().get_extension(instance_, JABBERD_DESTINATIONS))
        ->resume(instance_, view(name));
}

std::string Instance::peer_of(const std::string &xml, bool arrives) const
{
    const OwnedPacket packet = packet_from_xml(xml);
    std::string peer;
    const auto sink = [](void *data, jabberd_view name) { *static_cast<std::string *>(data) = text(name); };
    static_cast<const jabberd_destinations *>(component().get_extension(instance_, JABBERD_DESTINATIONS))
        ->peer(instance_, &packet.packet(), arrives, sink, &peer);
    return peer;
}

const jabberd_handover &Instance::handover() const
{
    return *static_cast<const jabberd_handover *>(component().get_extension(instance_, JABBERD_HANDOVER));
}

bool Instance::succeed(Instance &predecessor)
{
    const jabberd_snapshot *snapshot = predecessor.handover().freeze(predecessor.instance_, 1000);
    if (snapshot == nullptr)
        return false;
    if (!handover().thaw(instance_, snapshot)) {
        predecessor.handover().thaw(predecessor.instance_, snapshot);
        return false;
    }
    host_.handler = handler_;
    host_.handler_data = handler_data_;
    predecessor.handover().commit(predecessor.instance_);
    predecessor.running_ = false;
    running_ = component().start(instance_);
    component().destroy(std::exchange(predecessor.instance_, nullptr));
    return running_;
}

Peer::Peer(std::uint16_t port, const std::string &name, const std::string &secret, std::optional<int> receive_buffer)
    : client_(port, "127.0.0.1", receive_buffer)
{
    client_.send("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:component:accept' to='" +
                 name + "'>");
    const auto header = client_.receive();
    const std::string id = header ? header->element.attributes.at("id") : "";
    client_.send("<handshake>" + component_stream::handshake_of(id, secret) + "</handshake>");
}

std::string Peer::next()
{
    const auto event = client_.receive();
    return event && event->kind == StreamEvent::Kind::Element ? to_string(event->element, "jabber:component:accept")
                                                              : "";
}

} // namespace jabberd::test
