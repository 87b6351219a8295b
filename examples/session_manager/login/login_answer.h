// SPDX-License-Identifier: LGPL-2.1-or-later
// The answer to an iq that is not of a session: before login, before binding, and where the socket manager asks for
// features.
#pragma once

#include "session_manager/core/core.h"

#include <string>
#include <string_view>

namespace jabberd::session_manager {

// Remembers enough of the request to answer it on any thread. Answer once.
class LoginAnswer {
public:
    // `echo` is put back into an error; it must hold no secret.
    LoginAnswer(Core &core, const jabberd_packet &request, std::string echo);

    const std::string &connection() const { return connection_; }

    // From the host, which is no session id: the connection stays unknown.
    void result(std::string_view body = {}) const;
    void error(Condition condition, std::string_view explanation = {}) const;
    void error(LockedDirectory &locked, Condition condition) const;

    // Its connection's share of the work that may wait. Empty: refused, and answered.
    Work take_work(std::size_t bytes) const;

    // A result whose sfrom is the session id: with it the connection becomes the session's.
    void accept(LockedDirectory &locked, Session &session, std::string_view body = {}) const;

private:
    void send(LockedDirectory &locked, std::string_view type, std::string_view body) const;
    jabberd_packet reply(std::string_view type, std::string_view body) const;

    Core *core_;
    std::string connection_, host_, id_, echo_;
    bool has_id_;
};

} // namespace jabberd::session_manager
