// SPDX-License-Identifier: LGPL-2.1-or-later
// Decides of every packet that comes in what it is: of a login, of a session, returned by a connection, or from
// elsewhere.
#pragma once

#include "session_manager/base/jid.h"
#include "session_manager/core/core.h"

namespace jabberd::session_manager {

// [any-thread] Never blocks.
class Router {
public:
    explicit Router(Core &core) : core_(core) {}

    jabberd_result handle(const jabberd_packet &packet);

private:
    enum class Origin { Session, Elsewhere };

    void refuse_without_memory(const jabberd_packet &packet);
    bool take_fast_path(const jabberd_packet &packet);
    void from_connection(const jabberd_packet &packet);
    void from_elsewhere(const jabberd_packet &packet);
    bool waits_for_change(LockedDirectory &locked, User &user, const jabberd_packet &packet);
    void from_session_in_order(const jabberd_packet &packet);
    bool is_for_blocked(const jabberd_packet &stamped);
    void from_session(const jabberd_packet &stamped);
    void presence_from_session(const jabberd_packet &stamped);
    void to_anywhere(const jabberd_packet &packet, Origin origin);
    void to_local(const jabberd_packet &packet, const Jid &to, Origin origin);
    void message_for_account(const jabberd_packet &packet, std::string_view address);
    void request_for_us(const jabberd_packet &packet, const Jid &to, Origin origin);

    Core &core_;
};

} // namespace jabberd::session_manager
