// SPDX-License-Identifier: LGPL-2.1-or-later
// A session manager of jabberd 1.4, in so far as it answers for itself: it puts what a scenario says with sto and sfrom
// into <route/>s, and shows it the <route/>s of the socket manager as packets with sto and sfrom.
#pragma once

#include "base/owned_packet.h"

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::test {

// Written from the recorded protocol, and independent of the plugin's own translation. What cannot be translated is
// shown to the scenario as it came, so that it fails.
//
// Sessions have addresses of their own here (alice@foo.com/c0ffee1); a scenario calls them what it called them when it
// accepted the login. [any-thread]
class RouteSessionManager {
public:
    struct Said {
        std::vector<std::string> packets; // to the scenario
        std::vector<std::string> routes;  // to the socket manager
    };
    Said hears(const jabberd_packet &element); // of the host
    Said says(const jabberd_packet &packet);   // of the scenario

private:
    struct Connection {
        std::string asked;              // the address that its last question was for
        std::string login;              // the id of an outstanding auth set
        std::string accepted;           // what the scenario called the session that will begin
        std::string session;            // the address of its session, also when that has ended
        std::vector<OwnedPacket> later; // what the scenario has said before the session began
    };
    struct Session {
        std::string name;        // what the scenario calls it
        std::string spoken_name; // what it called it in the last stanza, which comes back under it
        bool live = false;
    };

    void hears_question(const jabberd_packet &route, Said &said);
    void hears_session(const jabberd_packet &route, Said &said);
    void hears_stanza(const jabberd_packet &route, Said &said);
    void hears_error(const jabberd_packet &route, Said &said);

    void answer(Connection &connection, const jabberd_packet &packet, Said &said);
    void say_stanza(const jabberd_packet &packet, Said &said);
    void say_end(const jabberd_packet &packet, Said &said);

    std::string address_for(Connection &connection, std::string_view name);
    std::string new_address(std::string_view user);

    std::mutex mutex_;
    std::map<std::string, Connection> connections_; // by address
    std::map<std::string, Session> sessions_;       // by address
    unsigned last_ = 0xc0ffee0;
};

} // namespace jabberd::test
