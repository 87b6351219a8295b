// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection that has no session yet, and the request it has sent.
#pragma once

#include "session_manager/core/core.h"

#include <string>
#include <string_view>

namespace jabberd::session_manager {

// Remembers enough to answer on any thread. Answer once.
class Caller {
public:
    // `echo` is put back into an error; it must hold no secret.
    Caller(Core &core, const jabberd_packet &request, std::string echo);

    const std::string &connection() const { return connection_; }

    // From the host, which is no session id: the connection stays unknown.
    void result(std::string_view body = {}) const;
    void error(Condition condition, std::string_view explanation = {}) const;
    void error(Turn &turn, Condition condition) const;

    // What makes the connection the session's: a result whose sfrom is the session id.
    void accept(Turn &turn, Session &session, std::string_view body = {}) const;

private:
    void send(Turn &turn, std::string_view type, std::string_view body) const;
    jabberd_packet reply(std::string_view type, std::string_view body) const;

    Core *core_;
    std::string connection_, host_, id_, echo_;
    bool has_id_;
};

} // namespace jabberd::session_manager
