// SPDX-License-Identifier: LGPL-2.1-or-later
#include "delivery.h"

#include "address.h"
#include "packet_fields.h"
#include "reading.h"
#include "stacks.h"
#include "strict.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <utility>

int deliver__flag = 0;

namespace stub {

namespace {

struct Handler {
    order when;
    phandler function;
    void *argument;
    Owner whose;
};

struct Instance {
    instance_struct face{};
    std::vector<Handler> handlers;
};

std::vector<std::unique_ptr<Instance>> instances;
std::map<std::string, Instance *> addresses;
std::deque<dpacket_struct *> waiting;

const char *or_empty(const char *text)
{
    return text == nullptr ? "" : text;
}

Instance *find(const dpacket_struct *packet)
{
    if (const auto found = addresses.find(packet->host); found != addresses.end())
        return found->second;
    if (!has_routes && attribute(packet->x, "sto") != nullptr)
        return nullptr; // the catch-all is for others
    const auto rest = addresses.find("");
    return rest == addresses.end() ? nullptr : rest->second;
}

const char *name_of(result answer)
{
    static constexpr const char *names[] = {"r_UNREG", "r_NONE", "r_PASS", "r_LAST", "r_ERR", "r_DONE"};
    return answer <= r_DONE ? names[answer] : "what is no result";
}

// True: the packet is no longer ours.
bool call(Instance &instance, std::size_t index, dpacket_struct *packet, bool &error)
{
    const Handler handler = instance.handlers[index];
    pool_struct *pool = packet->p;
    if (handler.whose == Owner::Component)
        give_to(pool, Owner::Component);
    const result answer = handler.function(&instance.face, packet, handler.argument);
    if (answer == r_DONE && handler.whose == Owner::Host)
        return true;
    check_stack("a handler");
    if (answer == r_DONE)
        return true;
    if (answer == r_UNREG || answer > r_DONE)
        refuse("a handler answered %s", name_of(answer));
    if (!is_live(pool))
        refuse("a handler answered %s for a packet that it had freed", name_of(answer));
    if (handler.whose == Owner::Component && owner(pool) != Owner::Component)
        refuse("a handler answered %s for a packet that it had delivered", name_of(answer));
    give_to(pool, Owner::Host);
    error = answer == r_ERR;
    return false;
}

void give(Instance &instance, dpacket_struct *packet)
{
    bool error = false;
    for (std::size_t i = 0; i < instance.handlers.size() && !error; ++i) {
        // The earlier of two that deliver gets the packet, the other one a copy.
        dpacket_struct *spare = nullptr;
        if (instance.handlers[i].when == o_DELIVER && i + 1 < instance.handlers.size())
            spare = new_packet(copy_tree(new_pool(Kind::Packet), packet->x));
        if (call(instance, i, packet, error)) {
            if (spare == nullptr)
                return;
            packet = spare;
        } else if (spare != nullptr) {
            free_pool(spare->p);
        }
    }
    if (has_routes)
        bounce(packet, "Internal Delivery Error");
    else
        bounce(packet, error ? "Server Delivery Error" : "Server Configuration Error");
}

void drop(dpacket_struct *packet, const char *from, const char *to)
{
    const std::string text =
        std::string{"dropping a "} + (has_routes ? "routed" : "session") + " packet to " + to + " from " + from;
    print_log("warn", packet->host, text.c_str());
    free_pool(packet->p);
}

// A session packet of 1.1, or what 1.4 has instead. Eats the packet.
void return_to_sender(dpacket_struct *packet, const char *to_name, const char *from_name, const char *reason)
{
    Node *x = packet->x;
    const std::string to = or_empty(attribute(x, to_name)), from = or_empty(attribute(x, from_name));
    const bool ended = has_routes ? std::strcmp(or_empty(attribute(x, "type")), "error") == 0 : find_510(x) != nullptr;
    if (ended || from.empty())
        return drop(packet, from.c_str(), to.c_str());
    print_log("notice", packet->host,
              (std::string{"bouncing a "} + (has_routes ? "routed" : "session") + " packet to " + to + " from " + from)
                  .c_str());
    set_attribute(x, to_name, from);
    set_attribute(x, from_name, to);
    if (has_routes) {
        set_attribute(x, "type", "error");
        set_attribute(x, "error", reason);
    } else {
        add_510(x, reason);
    }
    deliver_node(x);
}

} // namespace

instance_struct *add_instance(Node *section, const std::string &id, const std::vector<std::string> &hosts)
{
    auto instance = std::make_unique<Instance>();
    instance->face.p = new_pool(Kind::Lasting);
    instance->face.id = copy(instance->face.p, id);
    instance->face.x = section;
    instance->face.type = p_NORM;
    instance->face.hds = instance.get();
    instance->face.flag_used = 1;
    for (const std::string &host : hosts)
        addresses[host] = instance.get();
    if (has_routes)
        addresses[id] = instance.get();
    return &instances.emplace_back(std::move(instance))->face;
}

void add_handler(instance_struct *instance, order when, phandler function, void *argument, Owner whose)
{
    auto &handlers = static_cast<Instance *>(instance->hds)->handlers;
    const auto behind = std::find_if(handlers.begin(), handlers.end(), [&](const Handler &h) { return h.when > when; });
    handlers.insert(behind, {when, function, argument, whose});
}

dpacket_struct *new_packet(Node *x)
{
    ptype type = p_NORM;
    const char *destination = attribute(x, "to");
    if (has_routes && *x->name == 'r') {
        type = p_ROUTE;
    } else if (*x->name == 'x' && *or_empty(attribute(x, "type")) != 'r' &&
               (!has_routes || std::strcmp(or_empty(attribute(x, "type")), "error") != 0)) {
        type = p_XDB;
    } else if (*x->name == 'l') {
        type = p_LOG;
        destination = attribute(x, "from");
    }
    if (const char *session = attribute(x, "sto"); !has_routes && session != nullptr)
        destination = session;
    const auto address = read_address(destination);
    if (!address)
        return nullptr;
    auto *packet = static_cast<dpacket_struct *>(allocate(x->p, sizeof(dpacket_struct)));
    packet->host = copy(x->p, address->server);
    packet->type = type;
    packet->p = x->p;
    packet->x = x;
    if (flavour != 107) {
        packet->id = static_cast<jid_struct *>(allocate(x->p, sizeof(jid_struct)));
        *packet->id = {x->p,
                       address->resource.empty() ? nullptr : copy(x->p, address->resource),
                       address->user.empty() ? nullptr : copy(x->p, address->user),
                       packet->host,
                       nullptr,
                       nullptr};
    }
    return packet;
}

void deliver(dpacket_struct *packet)
{
    if (has_routes && deliver__flag == 0) {
        waiting.push_back(packet);
        return;
    }
    if (packet->type == p_LOG) {
        // 1.1 does not wait for the services that keep its log.
        if (deliver__flag == 0)
            std::fprintf(stderr, "WARNING!  Logging Failed: %s\n", to_string(packet->x).c_str());
        else
            print_log(or_empty(attribute(packet->x, "type")), packet->host, text_of(packet->x));
        return free_pool(packet->p);
    }
    if (Instance *instance = packet->type == p_XDB ? nullptr : find(packet))
        return give(*instance, packet);
    bounce(packet, has_routes ? "Unable to deliver, destination unknown" : "Server Configuration Error");
}

void bounce(dpacket_struct *packet, const char *reason)
{
    Node *x = packet->x;
    if (packet->type == p_ROUTE)
        return return_to_sender(packet, "to", "from", reason);
    if (!has_routes && attribute(x, "sto") != nullptr)
        return return_to_sender(packet, "sto", "sfrom", reason);
    const std::string to = or_empty(attribute(x, "to")), from = or_empty(attribute(x, "from"));
    if (packet->type != p_NORM || std::strcmp(or_empty(attribute(x, "type")), "error") == 0 || from.empty())
        return drop(packet, from.c_str(), to.c_str());
    make_error(x, 502, reason);
    deliver_node(x);
}

bool deliver_node(Node *x)
{
    if (dpacket_struct *packet = new_packet(x)) {
        deliver(packet);
        return true;
    }
    std::fprintf(stderr, "stub: no destination: %s\n", to_string(x).c_str());
    free_pool(x->p);
    return false;
}

bool deliver_text(const std::string &xml)
{
    Node *x = read_document(xml, true);
    if (x == nullptr)
        refuse("not XML: %s", xml.c_str());
    return deliver_node(x);
}

void enable_delivery()
{
    deliver__flag = 1;
    while (!waiting.empty() && deliver__flag != 0) {
        dpacket_struct *packet = waiting.front();
        waiting.pop_front();
        deliver(packet);
    }
}

void disable_delivery()
{
    deliver__flag = 0;
}

void free_instances()
{
    addresses.clear();
    waiting.clear();
    for (const auto &instance : instances)
        free_pool(instance->face.p);
    instances.clear();
}

void print_log(const char *level, const char *host, const char *text)
{
    std::fprintf(stderr, "log_%s %s: %s\n", level, host == nullptr ? "-internal" : host, text);
}

} // namespace stub
