// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_functions.h"

#include "address.h"
#include "reading.h"
#include "stacks.h"
#include "strict.h"

#include <cstdio>
#include <utility>
#include <vector>

namespace stub::host {

namespace {

struct Beat {
    int frequency, seconds;
    beathandler function;
    void *argument;
};

std::vector<Beat> beats;
std::vector<std::pair<void (*)(void *), void *>> shutdown_functions;
std::size_t namespace_lists = 0;

// One tick. A beat may register another one.
void beat()
{
    for (std::size_t i = 0; i < beats.size();) {
        if (beats[i].seconds++ < beats[i].frequency) { // so it comes every frequency + 1 seconds
            ++i;
            continue;
        }
        beats[i].seconds = 0;
        const result answer = beats[i].function(beats[i].argument);
        check_stack("a beat");
        if (answer == r_UNREG)
            beats.erase(beats.begin() + static_cast<std::ptrdiff_t>(i));
        else
            ++i;
    }
}

} // namespace

dpacket_struct *dpacket_new(Node *x)
{
    enter("dpacket_new");
    if (x == nullptr)
        return nullptr;
    check(x, "dpacket_new");
    check_owned(x->p, "dpacket_new");
    dpacket_struct *packet = new_packet(x);
    if (packet == nullptr && has_routes)
        free_pool(x->p); // 1.1 leaves it to the caller
    return packet;
}

void deliver(dpacket_struct *packet)
{
    enter("deliver");
    if (packet == nullptr)
        return;
    check_owned(packet->p, "deliver");
    give_to(packet->p, Owner::Host);
    stub::deliver(packet);
}

void deliver_fail(dpacket_struct *packet, const char *reason)
{
    enter("deliver_fail");
    if (packet == nullptr)
        return;
    check_owned(packet->p, "deliver_fail");
    give_to(packet->p, Owner::Host);
    bounce(packet, reason == nullptr ? "" : reason);
}

void register_phandler(instance_struct *instance, order when, phandler function, void *argument)
{
    enter("register_phandler");
    if (instance == nullptr || function == nullptr)
        refuse("register_phandler() was called without an instance or without a function");
    add_handler(instance, when, function, argument, Owner::Component);
}

void register_beat(int frequency, beathandler function, void *argument)
{
    enter("register_beat");
    if (frequency > 0)
        beats.push_back({frequency, 0, function, argument});
}

void register_shutdown(void (*function)(void *), void *argument)
{
    enter("register_shutdown");
    shutdown_functions.emplace_back(function, argument);
}

void pool_cleanup(pool_struct *pool, void (*function)(void *), void *argument)
{
    enter("pool_cleanup");
    check(pool, "pool_cleanup");
    on_cleanup(pool, function, argument);
}

void pool_free(pool_struct *pool)
{
    enter("pool_free");
    if (pool == nullptr)
        return;
    check_owned(pool, "pool_free");
    free_pool(pool);
}

Node *xmlnode_str(const char *text, int size)
{
    enter("xmlnode_str");
    if (text == nullptr || size < 0)
        return nullptr;
    Node *root = read_document({text, static_cast<std::size_t>(size)}, true);
    if (root != nullptr)
        give_to(root->p, Owner::Component);
    return root;
}

void xmlnode_free(Node *node)
{
    enter("xmlnode_free");
    if (node == nullptr)
        return;
    check(node, "xmlnode_free");
    check_owned(node->p, "xmlnode_free");
    free_pool(node->p);
}

void log(const char *level, const char *host, const char *format, std::va_list arguments)
{
    char text[512]; // as much as the real ones take
    std::vsnprintf(text, sizeof text, format, arguments);
    if (has_routes)
        return print_log(level, host, text);
    // A packet like any other: without a destination it goes nowhere, and 1.1 forgets it.
    Node *line = new_element(new_pool(Kind::Packet, Owner::Component), "log");
    set_attribute(line, "type", level);
    set_attribute(line, "from", host == nullptr ? "-internal" : host);
    add_text(line, text);
    if (dpacket_struct *packet = new_packet(line))
        deliver(packet);
}

void count_namespace_list()
{
    ++namespace_lists;
}

std::size_t namespace_lists_leaked()
{
    return namespace_lists > 1 ? namespace_lists - 1 : 0;
}

void run_shutdown_functions()
{
    for (const auto &[function, argument] : shutdown_functions)
        function(argument);
}

void start_heartbeat()
{
    spawn("heartbeat", [] {
        for (;;) {
            pth_sleep(1);
            beat();
        }
    });
}

} // namespace stub::host
