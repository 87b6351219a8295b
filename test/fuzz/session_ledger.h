// SPDX-License-Identifier: LGPL-2.1-or-later
// What was sent to a session manager and what came of it, and whether the two go together.
#pragma once

#include "fuzz/session_script.h"

#include <array>
#include <map>
#include <mutex>
#include <set>

namespace jabberd::fuzz {

// [any-thread] Knows connections as a socket manager does, but learns of passwords what a socket manager never does.
class SessionLedger {
public:
    SessionLedger();

    // What the seat's connection is called now, and the sto of what it sends.
    struct Seat {
        std::string connection, connected_to;
    };
    Seat seat(std::size_t number) const;
    std::vector<std::string> sessions() const; // all that there were

    // Call before the packet is sent. Its id names it from then on; `seat` of another host is `seats`.
    void sends(std::size_t seat, const jabberd_packet &packet, const Asked &asked, unsigned number);
    static std::string id_of(unsigned number) { return "m" + std::to_string(number); }

    void receives(const jabberd_packet &packet);
    void logs(std::string_view line);

    // Call when no work waits, before the session manager ends: the last answers may still be on their way.
    void nothing_waits();
    // Call when it has ended, and has sent all that it had to.
    void check_answers();

    Failure failure() const;
    unsigned logins() const;
    unsigned answers() const;

private:
    struct Connection {
        std::string connected_to = "foo.com";
        std::set<std::string> said;             // passwords
        std::set<std::string> owned;            // bare addresses that it has logged in as
        std::set<std::string> sessions;         // that it was given
        bool ended = false, once_ended = false; // odd names come again
    };
    struct Request {
        std::string connection, connected_to;
        bool owed = false;    // exactly one answer, unless the session or the connection ends
        bool due = false;     // neither had when no work waited
        bool counted = false; // at most one
        unsigned answers = 0;
    };

    void is_accepted(const std::string &name, Connection &connection, const std::string &as, const jabberd_packet &by);
    void for_connection(const std::string &name, const jabberd_packet &packet);
    void is_copied(const std::string &name, const jabberd_packet &packet);
    void count(const jabberd_packet &packet);
    void came_from_its_owner(const Request &request, const jabberd_packet &packet);
    void fail(const std::string &what, const jabberd_packet &packet);
    void fail(const std::string &what);
    void holds_no_secret(std::string_view what, std::string_view where);

    mutable std::mutex mutex_;
    std::array<std::string, seats> names_; // of the connections that the seats have now
    std::array<unsigned, seats> ended_{};  // connections a seat has had
    std::map<std::string, Connection> connections_;
    std::vector<std::string> sessions_;
    std::map<std::string, Request> requests_;                // by id
    std::map<std::string, std::set<std::string>> passwords_; // that an account may have; of those whose we know
    std::set<std::string> secrets_;                          // as they were written
    unsigned logins_ = 0, answers_ = 0;
    Failure failure_;
};

} // namespace jabberd::fuzz
