// SPDX-License-Identifier: LGPL-2.1-or-later
#include "classic/functions.h"

#include "xml/escape.h"

#include <array>
#include <climits>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include <dlfcn.h>

namespace jabberd::classic {

namespace {

// dpacket, x86-64: {host, id, type, pool, node}; the last state of 1.6 has two more addresses beside id.
constexpr std::size_t node_offsets[] = {32, 48};

// <pth.h> of Pth 2.0: attributes of a thread to come.
constexpr int pth_attr_priority = 0, pth_attr_name = 1, pth_attr_joinable = 2, pth_attr_stack_size = 4;

// deliver() may run whatever handler the packet is for on our stack: session managers, their modules, their storage.
constexpr unsigned stack_size = 256 * 1024;

// xmppd::ns_decl_list of 1.6 as it is when it is new, for which it already allocates. There is one for the life of the
// process: its destructor is inline, so that only jabberd's own compiler could call it. jabberd does not change it.
const void *new_namespaces(void (*construct)(void *))
{
    struct alignas(16) Room { // what it needs, and more
        std::array<std::byte, 64> bytes;
    };
    static Room room;
    static const bool constructed = (construct(&room), true);
    static_cast<void>(constructed);
    return &room;
}

// RTLD_DEFAULT: the host itself and its libraries.
void *find_symbol(std::initializer_list<const char *> names)
{
    for (const char *name : names) {
        if (void *symbol = dlsym(RTLD_DEFAULT, name))
            return symbol;
    }
    return nullptr;
}

// Several at once, so that all that is missing is named.
class Search {
public:
    template <typename Pointer>
    void optional(Pointer &pointer, std::initializer_list<const char *> names)
    {
        pointer = reinterpret_cast<Pointer>(find_symbol(names));
    }

    template <typename Pointer>
    void needed(Pointer &pointer, std::initializer_list<const char *> names)
    {
        optional(pointer, names);
        if (pointer == nullptr)
            missing_.append(missing_.empty() ? "" : ", ").append(*names.begin());
    }

    const std::string &missing() const { return missing_; }

private:
    std::string missing_;
};

} // namespace

// C names first, then those that C++ made of them in 1.6.
std::optional<Functions> Functions::find(std::string &missing)
{
    Functions found;
    Search search;
    search.needed(
        found.register_phandler_,
        {"register_phandler", "_Z17register_phandlerP15instance_struct5orderPF6resultS0_P14dpacket_structPvES5_"});
    search.optional(found.register_shutdown_, {"register_shutdown", "_Z17register_shutdownPFvPvES_"});
    search.optional(found.register_beat_, {"register_beat", "_Z13register_beatiPF6resultPvES0_"});
    search.needed(found.dpacket_new_, {"dpacket_new", "_Z11dpacket_newP9xmlnode_t"});
    search.needed(found.deliver_, {"deliver", "_Z7deliverP14dpacket_structP15instance_struct"});
    search.needed(found.xmlnode_str_, {"xmlnode_str", "_Z11xmlnode_strPKci"});
    search.needed(found.xmlnode_free_, {"xmlnode_free", "_Z12xmlnode_freeP9xmlnode_t"});
    search.needed(found.log_notice_, {"log_notice", "_Z10log_noticePKcS0_z"});
    search.needed(found.log_warn_, {"log_warn", "_Z8log_warnPKcS0_z"});
    search.needed(found.log_alert_, {"log_alert", "_Z9log_alertPKcS0_z"});
    search.optional(found.log_record_, {"log_record", "_Z10log_recordPKcS0_S0_S0_z"});
    search.optional(found.greymatter_, {"greymatter__"});
    search.optional(found.to_text_1_6_, {"_Z24xmlnode_serialize_stringPK9xmlnode_tRKN5xmppd12ns_decl_listEi"});
    void (*ns_decl_list)(void *) = nullptr;
    if (found.to_text_1_6_ != nullptr)
        search.needed(ns_decl_list, {"_ZN5xmppd12ns_decl_listC1Ev"});
    else
        search.needed(found.xmlnode2str_, {"xmlnode2str"});
    search.needed(found.pth_attr_new_, {"pth_attr_new"});
    search.needed(found.pth_attr_set_, {"pth_attr_set"});
    search.needed(found.pth_attr_destroy_, {"pth_attr_destroy"});
    search.needed(found.pth_spawn_, {"pth_spawn"});
    search.needed(found.pth_yield_, {"pth_yield"});
    search.needed(found.pth_read_, {"pth_read"});
    search.optional(found.pth_sigwait_, {"pth_sigwait"});

    dlerror();
    // register_shutdown() came with 1.2, and so did <route/>.
    found.protocol_ = found.register_shutdown_ != nullptr ? SessionProtocol::Route : SessionProtocol::Session;
    missing = search.missing();
    if (missing.empty() && !found.measure())
        missing = "packet whose parts are where they are known to be";
    if (!missing.empty())
        return std::nullopt;
    if (found.to_text_1_6_ != nullptr) {
        found.version_ = "1.6";
        found.namespaces_ = new_namespaces(ns_decl_list);
    } else {
        found.version_ = found.register_shutdown_ != nullptr ? "1.4" : "1.1";
    }
    return found;
}

// Where a packet has its node: nothing that is exported tells the layouts apart, but a packet of our own does.
bool Functions::measure()
{
    constexpr std::string_view element = "<message to='localhost' from='localhost'/>";
    Node *node = xmlnode_str_(element.data(), static_cast<int>(element.size()));
    Packet *packet = node == nullptr ? nullptr : dpacket_new_(node);
    if (packet == nullptr)
        return false;
    bool found = false;
    for (const std::size_t offset : node_offsets) {
        node_offset_ = offset;
        found = node_of(packet) == node;
        if (found)
            break;
    }
    xmlnode_free_(node);
    return found;
}

Node *Functions::node_of(Packet *packet) const
{
    Node *node = nullptr;
    std::memcpy(&node, reinterpret_cast<const std::byte *>(packet) + node_offset_,
                sizeof node); // NOLINT: a pointer is copied
    return node;
}

// Null: it is not well-formed, or its address is none. Nothing is left of it then.
Packet *Functions::packet_of(std::string_view element) const
{
    if (element.size() > INT_MAX)
        return nullptr;
    Node *node = xmlnode_str_(element.data(), static_cast<int>(element.size()));
    if (node == nullptr)
        return nullptr;
    Packet *packet = dpacket_new_(node);
    if (packet == nullptr && protocol_ == SessionProtocol::Session)
        xmlnode_free_(node); // later versions have freed it
    return packet;
}

bool Functions::deliver(Instance *from, const std::string &element) const
{
    Packet *packet = packet_of(element);
    if (packet == nullptr)
        return false;
    deliver_(packet, from);
    return true;
}

bool Functions::is_address(std::string_view text) const
{
    std::string element = "<message";
    xml::append_attribute(element, "to", text);
    xml::append_attribute(element, "from", text);
    Packet *packet = packet_of(element += "/>");
    if (packet == nullptr)
        return false;
    xmlnode_free_(node_of(packet));
    return true;
}

std::string Functions::take(Packet *packet) const
{
    Node *node = node_of(packet);
    std::string text = text_of(node);
    xmlnode_free_(node); // and with it the packet: all are of one pool
    return text;
}

std::string Functions::text_of(Node *node) const
{
    const char *text = nullptr;
    if (to_text_1_6_ != nullptr)
        text = to_text_1_6_(node, namespaces_, 0);
    else
        text = xmlnode2str_(node);
    return text == nullptr ? "" : text; // it lives in the node's pool
}

bool Functions::at_shutdown(void (*function)(void *), void *data) const
{
    if (register_shutdown_ == nullptr)
        return false;
    register_shutdown_(function, data);
    return true;
}

void Functions::log(Level level, const char *host, const std::string &line) const
{
    constexpr std::size_t enough = 450; // of the 511 bytes that all versions keep, with their own words before it
    const Log write = level == Level::Alert ? log_alert_ : level == Level::Warn ? log_warn_ : log_notice_;
    write(host, "%s", line.substr(0, enough).c_str());
}

void Functions::record(const Record &record) const
{
    if (log_record_ != nullptr)
        log_record_(record.who.c_str(), record.type, record.action, "%s", record.text.c_str());
}

bool Functions::register_beat(Result (*function)(void *), void *data) const
{
    if (register_beat_ != nullptr)
        register_beat_(1, function, data);
    return register_beat_ != nullptr;
}

bool Functions::wait_for_hangup() const
{
    if (pth_sigwait_ == nullptr)
        return false;
    sigset_t hangup;
    sigemptyset(&hangup);
    sigaddset(&hangup, SIGHUP);
    int number = 0;
    return pth_sigwait_(&hangup, &number) == 0;
}

bool Functions::spawn(void *(*function)(void *), void *data, int priority) const
{
    Thread *attributes = pth_attr_new_();
    if (attributes == nullptr)
        return false;
    pth_attr_set_(attributes, pth_attr_priority, priority);
    pth_attr_set_(attributes, pth_attr_name, "socket_manager");
    pth_attr_set_(attributes, pth_attr_joinable, 0);
    pth_attr_set_(attributes, pth_attr_stack_size, stack_size);
    const bool spawned = pth_spawn_(attributes, function, data) != nullptr;
    pth_attr_destroy_(attributes);
    return spawned;
}

} // namespace jabberd::classic
