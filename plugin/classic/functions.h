// SPDX-License-Identifier: LGPL-2.1-or-later
// What a classic jabberd offers to the components it loads, found at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <csignal>
#include <sys/types.h>

namespace jabberd::classic {

// Never looked into.
struct Node;   // jabberd's xmlnode
struct Pool;   // jabberd's pool
struct Thread; // Pth's

// jabberd's instance, as far as all versions agree.
struct Instance {
    char *id;
    Pool *pool;
    Node *configuration; // <service>
};

// jabberd's dpacket. Where its node lies depends on the version: node_of().
struct Packet;

enum Order { o_PRECOND, o_COND, o_PREDELIVER, o_DELIVER };
enum Result { r_UNREG, r_NONE, r_PASS, r_LAST, r_ERR, r_DONE };
// A line for those who count: "who type action text".
struct Record {
    std::string who;
    const char *type;
    const char *action;
    std::string text;
};

using Handler = Result (*)(Instance *, Packet *, void *);

// How jabberd's components speak of sessions.
enum class SessionProtocol : std::uint8_t {
    Session, // sto and sfrom: 1.1
    Route,   // <route/>: 1.2 and later
};

// All of it is for Pth's threads only: jabberd is one kernel thread, and its functions know of no other.
class Functions {
public:
    // Nothing, after naming in `missing` what the host lacks. Leaves no dlerror() pending: jabberd 1.1 would take it
    // for a component that failed to load.
    static std::optional<Functions> find(std::string &missing);

    SessionProtocol protocol() const { return protocol_; }
    bool has_namespaces() const { return to_text_1_6_ != nullptr; } // 1.6: stanzas are in jabber:server inside
    const char *version() const { return version_; }                // "1.1", "1.4", "1.6": what it looks like

    // Routes an element that is given as text. False when jabberd does not take it: no address it can read, not
    // well-formed.
    bool deliver(Instance *from, const std::string &element) const;

    // Whether jabberd can read this as an address. 1.4 and later write a warning where they cannot.
    bool is_address(std::string_view text) const;

    // The packet, which the handler owns, as text; it is freed.
    std::string take(Packet *packet) const;

    std::string text_of(Node *node) const;

    void register_handler(Instance *instance, Handler handler, void *data) const
    {
        register_phandler_(instance, o_DELIVER, handler, data);
    }

    // False: this version has nothing of the kind.
    bool at_shutdown(void (*function)(void *), void *data) const;

    // Calls it every few seconds, in a thread that has little stack. False: the host lacks this.
    bool register_beat(Result (*function)(void *), void *data) const;

    // The whole configuration; null when it is not to be had.
    Node *whole_configuration() const { return greymatter_ == nullptr ? nullptr : *greymatter_; }

    // Under the address `host`, by which an operator may sort the log; null: under jabberd's own. One that is no
    // address is no host: 1.1 loses the line, and what it has allocated for it.
    enum class Level { Notice, Warn, Alert };
    void log(Level level, const char *host, const std::string &line) const;

    // Nothing happens where has_records() is false: before 1.2.
    bool has_records() const { return log_record_ != nullptr; }
    void record(const Record &record) const;

    // Pth. A thread of its own, with a stack on which jabberd may do as it likes.
    bool spawn(void *(*function)(void *), void *data) const { return spawn(function, data, pth_usual_priority); }
    // Before all others when something comes that several wait for.
    bool spawn_first(void *(*function)(void *), void *data) const { return spawn(function, data, pth_first_priority); }
    void yield() const { pth_yield_(nullptr); }

    // Waits in this Pth thread only.
    ssize_t read(int fd, void *buffer, std::size_t size) const { return pth_read_(fd, buffer, size); }

    // Waits for SIGHUP in this Pth thread only. False: the host lacks this.
    bool wait_for_hangup() const;

private:
    // <pth.h> of Pth 2.0
    static constexpr int pth_usual_priority = 0, pth_first_priority = 5;

    Functions() = default;
    bool spawn(void *(*function)(void *), void *data, int priority) const;

    bool measure();
    Packet *packet_of(std::string_view element) const;
    Node *node_of(Packet *packet) const;

    using Log = void (*)(const char *host, const char *format, ...);

    SessionProtocol protocol_ = SessionProtocol::Route;
    const char *version_ = "";
    std::size_t node_offset_ = 0; // in a packet

    void (*register_phandler_)(Instance *, int, Handler, void *) = nullptr;
    void (*register_shutdown_)(void (*)(void *), void *) = nullptr;    // may be null
    void (*register_beat_)(int, Result (*)(void *), void *) = nullptr; // may be null
    Packet *(*dpacket_new_)(Node *) = nullptr;
    void (*deliver_)(Packet *, Instance *) = nullptr;
    Node *(*xmlnode_str_)(const char *, int) = nullptr;
    void (*xmlnode_free_)(Node *) = nullptr;
    char *(*xmlnode2str_)(Node *) = nullptr;                          // up to 1.4
    char *(*to_text_1_6_)(const Node *, const void *, int) = nullptr; // xmlnode_serialize_string
    const void *namespaces_ = nullptr;                                // 1.6: those declared around a text of ours
    Log log_notice_ = nullptr, log_warn_ = nullptr, log_alert_ = nullptr;
    void (*log_record_)(const char *, const char *, const char *, const char *, ...) = nullptr; // may be null
    Node **greymatter_ = nullptr;                                                               // may be null

    Thread *(*pth_attr_new_)() = nullptr;
    int (*pth_attr_set_)(Thread *, int, ...) = nullptr;
    int (*pth_attr_destroy_)(Thread *) = nullptr;
    Thread *(*pth_spawn_)(Thread *, void *(*)(void *), void *) = nullptr;
    int (*pth_yield_)(Thread *) = nullptr;
    ssize_t (*pth_read_)(int, void *, std::size_t) = nullptr;
    int (*pth_sigwait_)(const sigset_t *, int *) = nullptr; // may be null
};

} // namespace jabberd::classic
