// SPDX-License-Identifier: LGPL-2.1-or-later
// The session manager behind its ABI, and clients as a socket manager would speak for them.
#pragma once

#include "support/config_from_xml.h"
#include "support/packet_from_xml.h"
#include "support/recording_host.h"

#include <jabberd/commands.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// What an entity that is not there, or does not know how, is answered with.
inline const std::string service_unavailable =
    "<error code='503' type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

inline constexpr std::string_view default_options =
    "<register>yes</register><registrations per-hour='0'/><iterations>4096</iterations>";

class ConnectedClient;

// Hosts foo.com and bar.org, in a directory of its own. What is created is started; destroyed by the destructor.
class Server {
public:
    // `options`: children of <sessions/> beside <database/>.
    explicit Server(std::string_view options = default_options);
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    void restart(std::string_view options = default_options); // the database stays
    bool reload(std::string_view options);
    void stop();
    void resume();

    jabberd_result sends(std::string_view xml) { return host.handle(packet_from_xml(xml).packet()); }
    // The next packet to a connection, or without sto; canonical, "(nothing)" when there is none.
    std::string next(const std::string &sto = "");
    std::string status();

    // A command of an operator, with what jabberd-ctl would read: the secret that is asked for, and the input.
    struct Ran {
        int status;
        std::string output, errors;
    };
    Ran runs(const std::vector<std::string> &words, const std::string &secret = "", const std::string &input = "");
    std::string completes(const std::vector<std::string> &words);
    std::string advice();

    std::filesystem::path database() const { return directory_ / "accounts.db"; }
    // All bytes of the database and its journals.
    std::string database_bytes() const;

    void register_account(std::string_view user, std::string_view password = "secret");
    // Logs in from a new connection; makes the account first when it is not there.
    ConnectedClient log_in(std::string_view user, std::string_view resource);
    std::string new_connection();

    RecordingHost host{{"foo.com", "bar.org"}};

private:
    std::unique_ptr<Config> configuration(std::string_view options) const;
    void create(std::string_view options);
    void destroy();
    const jabberd_commands &commands() const;

    std::filesystem::path directory_;
    jabberd_instance *instance_ = nullptr;
    int connections_ = 0;
};

class ConnectedClient {
public:
    ConnectedClient(Server &server, std::string connection_, std::string session_)
        : connection(std::move(connection_)), session(std::move(session_)), server_(&server)
    {
    }

    const std::string connection;
    const std::string session;

    // With sto and sfrom put on it.
    jabberd_result sends(std::string_view xml);
    // The next packet to this connection, without sto and sfrom.
    std::string gets();
    // With them.
    std::string gets_routed() { return server_->next(connection); }
    // True when nothing more comes for what was sent until now.
    bool is_quiet();

    // Presence, and waits until what it causes for the client itself has come.
    void comes_online(std::string_view priority = "0");
    // What a socket manager says when the socket is closed.
    void disconnects();
    // What it says of a stanza that it could not write any more; `stanza` as the client would have got it.
    void returns(std::string_view stanza);

private:
    Server *server_;
};

// Makes two users subscribe to each other's presence; both are online, and quiet afterwards.
void befriend(ConnectedClient &one, ConnectedClient &other);

} // namespace jabberd::test
