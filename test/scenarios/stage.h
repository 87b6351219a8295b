// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a scenario is played: a component in a host, its clients, and the conversation so far.
#pragma once

#include "base/unique_fd.h"
#include "scenarios/sessions_behind.h"
#include "stub/stub.h"
#include "support/client.h"
#include "support/pattern.h"
#include "support/temp_dir.h"

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace jabberd::test {

// A step that did not go as told, and why.
struct Mismatch : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A scenario that cannot be played in this host, and why.
struct Skipped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// The host of the scenarios: our own, or that which CLASSIC_STUB in the environment names.
enum class HostKind { Native, ClassicSession, ClassicRoute };
HostKind host_kind();

// Whether streams over TCP are told, and opened over a WebSocket: OVER_WEBSOCKET in the environment.
bool plays_over_websockets();

class Stage {
public:
    explicit Stage(std::string component_path);
    ~Stage();
    Stage(const Stage &) = delete;
    Stage &operator=(const Stage &) = delete;

    // Configuration, before anything else is asked for.
    void configure(const std::string &xml) { section_ += xml; }
    void set_service(const std::string &children) { service_ = children; }
    bool create(); // false: the component refused
    Stub &host();  // created and started by the first who asks; throws Mismatch when it cannot be
    void stop();
    void put_sessions_behind(); // the embedded session manager; the rest of the scenario is without host steps
    void set_component(const std::string &name) { component_path_ = path_of(name); } // before it is created

    // The component, if it runs, by a copy of itself or by another one, with another section or the one it has.
    // Why it was refused; then the old one goes on with what it had.
    struct Successor {
        std::optional<std::string> component, section;
    };
    std::optional<std::string> try_swap(const Successor &successor);
    void swap(const Successor &successor = {}); // throws Mismatch when it is refused
    bool reload(const std::string &section);    // false: it keeps what it has
    void restart() { host().restart(); }

    // What deliver() answers, of packets for a name ("": of all); false also calls resume().
    void set_full(bool full, const std::string &name);

    Client &dial(const std::string &name, const std::string &kind_of_port, const std::string &from,
                 std::optional<int> receive_buffer);
    Client &client(const std::string &name); // throws Mismatch when it has not dialled
    std::map<std::string, std::unique_ptr<Client>> &clients() { return clients_; }

    std::uint16_t port(const std::string &kind = {}); // the first of those of which the status says "TLS", or "PROXY"
    std::string take_port();                          // of loopback; nobody else can listen on it any more
    bool listens(const std::string &port) const;

    // With the number of the repetition in place of {n}. [any-thread]
    std::string numbered(const std::string &text);

    // What is expected, as written in a scenario: numbered, and repeats expanded.
    Element pattern(const std::string &text) { return parse_element(expand_repeats(numbered(text))); }

    // Names, filled in or captured. [any-thread]
    std::string filled(const std::string &text, Filling filling = Filling::Xml);
    void capture(const std::string &name, const std::string &value);
    void forget(const std::string &name);
    std::optional<std::string> differs(const Element &expected, const Element &actual);

    // "{session}" of the client named client, "{bob.session}" of any other.
    static std::string name_of(const std::string &client, const std::string &what)
    {
        return client == "client" ? what : client + "." + what;
    }

    // Adds a line to the conversation. [any-thread]
    void tell(const std::string &line);
    std::string conversation() const;

    // Returns when the component has seen all that was sent to it, and has written all that it will write because of
    // it. Throws Mismatch for a packet nobody expected.
    void expect_no_packets();

    // What must be true at the end of every scenario: nothing is left that was not told, and no secret was logged.
    void check_ending();

    // Throws Mismatch unless it bears exactly our pair of routing attributes and is something a client may send.
    void check_delivered(const Delivered &delivered) const;

private:
    std::string service_xml() const;
    static std::string path_of(const std::string &component); // as the environment has it
    void round_trip();
    std::unique_ptr<Stub> make_host() const;

    TempDir directory_; // {directory}
    std::string component_path_;
    std::string section_, service_;
    bool running_ = false;
    bool stopped_ = false;
    std::set<std::string> full_; // names; "": all
    unsigned round_trips_ = 0;
    unsigned swaps_ = 0;
    std::vector<UniqueFd> taken_;
    mutable std::mutex mutex_; // guards the next two
    Captures captures_;
    std::vector<std::string> conversation_;
    std::unique_ptr<SessionsBehind> sessions_;
    std::unique_ptr<Stub> host_;                             // after all that its threads may use
    std::map<std::string, std::unique_ptr<Client>> clients_; // they go first
};

} // namespace jabberd::test
