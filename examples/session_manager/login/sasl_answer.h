// SPDX-License-Identifier: LGPL-2.1-or-later
// The answer that <auth/>, <authenticate/>, <response/> and <abort/> are owed.
#pragma once

#include "session_manager/core/core.h"
#include "session_manager/sasl/profile.h"

#include <optional>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

// Remembers enough to answer on any thread. Answer once.
class SaslAnswer {
public:
    SaslAnswer(Core &core, const jabberd_packet &request, Profile profile);

    // `data` is plain, not base64.
    void challenge(std::string_view data) const;
    void failure(SaslFailure failure) const;
    void failure(LockedDirectory &locked, SaslFailure failure) const;
    // To a connection that is now authenticated as `address`, and binds next.
    void success(LockedDirectory &locked, const std::string &address, std::string_view data) const;
    // To a connection that has bound already: with it the connection becomes the session's.
    void success(LockedDirectory &locked, Session &session, std::string_view data) const;

private:
    LoginWay way() const { return profile_ == Profile::Sasl1 ? LoginWay::Sasl : LoginWay::Sasl2; }
    void send(std::string_view name, std::string_view body) const;
    void send(LockedDirectory &locked, std::string_view name, std::string_view sfrom, std::string_view body) const;
    jabberd_packet reply(std::string_view name, std::string_view body) const;
    std::string success_body(std::string_view who, std::string_view data, bool bound) const;

    Core *core_;
    Profile profile_;
    std::string connection_, host_, id_;
    bool has_id_;
};

} // namespace jabberd::session_manager
