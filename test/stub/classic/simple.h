// SPDX-License-Identifier: LGPL-2.1-or-later
// A session manager in memory. What both dialects share is in simple.cpp, simple_stanzas.cpp and simple_queries.cpp;
// simple_sto.cpp and simple_routes.cpp read the packets of one each.
#pragma once

#include "address.h"
#include "session_manager.h"
#include "stacks.h"

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace stub {

// Of one client. The values are copied out before anything is delivered: a delivery may change everything.
struct Session {
    std::string user, resource;
    std::string client; // where its connection is
    std::string id;     // the resource of its own address, in routes
};

class Simple : public SessionManager {
public:
    explicit Simple(std::string host);
    void receive(Node *x) override;

protected:
    using Outbox = std::vector<Node *>; // delivered when a packet has been dealt with

    // Of the dialects: a packet, which stays the caller's; and what differs in answers.
    virtual bool answer_at_once(Node *x, Outbox &out) = 0; // on the thread that delivered it: may be false
    virtual void handle(Node *x, Outbox &out) = 0;
    virtual void send(const Session &session, const Node *stanza, Outbox &out) = 0;

    // An iq before login becomes its answer. True: it logs in, as this user and resource.
    bool answer_login(Node *iq, Session &session);
    static bool is_login(const Node *iq);
    bool knows(const std::string &user) const { return !user.empty() && user != "nobody"; }

    // The session it takes the place of, if there is one.
    std::unique_ptr<Session> begin(const Session &session);
    const Session *find(const std::string &user, std::string Session::*key, const std::string &value) const;
    void end(const std::string &user, std::string Session::*key, const std::string &value);
    void end_all(const std::string &user) { users_.erase(user); }

    // From a client, to whoever it is for.
    void handle_stanza(const Session &session, Node *stanza, Outbox &out);
    void handle_message(Node *message, Outbox &out); // also one that was returned
    void handle_other(Node *x, Outbox &out);         // a packet of no session

    std::string full(const Session &session) const { return bare(session) + "/" + session.resource; }
    std::string bare(const Session &session) const { return session.user + "@" + host_; }

    const std::string host_;

private:
    void handle_iq(const Session &session, Node *iq, Outbox &out);
    void give_stored(const Session &session, Outbox &out);

    // A query to the server or to a user becomes its result. False: nobody here knows it.
    bool answer_query(const Session &session, const Address &to, Node *iq, Outbox &out);
    void answer_roster(const Session &session, Node *iq, Outbox &out);
    void change_roster(const Session &session, const Node *item, Outbox &out);

    std::map<std::string, std::vector<Session>> users_; // the latest last
    std::map<std::string, std::deque<std::string>> offline_;
    std::map<std::string, std::map<std::string, std::string>> rosters_; // of a user: items by their addresses
    std::array<std::unique_ptr<Worker>, 3> workers_;
};

std::unique_ptr<SessionManager> make_simple_sto(const std::string &host);
std::unique_ptr<SessionManager> make_simple_routes(const std::string &host);

} // namespace stub
