// SPDX-License-Identifier: LGPL-2.1-or-later
// Requests that every client is answered in the same way.
#include "session_manager/iq/request.h"

#include "session_manager/base/delay.h"

#include <ctime>

namespace jabberd::session_manager::iq {

void ping(Core &, const Request &, const Answer &answer) // XEP-0199
{
    answer.result();
}

void session_establishment(Core &, const Request &, const Answer &answer) // RFC 3921 §3: the login was enough
{
    answer.result();
}

void version(Core &, const Request &, const Answer &answer) // XEP-0092
{
    answer.result("<query xmlns='jabber:iq:version'><name>session_manager</name><version>" SOCKET_MANAGER_VERSION
                  "</version></query>");
}

void time(Core &, const Request &, const Answer &answer) // XEP-0202
{
    answer.result("<time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>" + date_time(std::time(nullptr)) +
                  "</utc></time>");
}

void legacy_time(Core &, const Request &, const Answer &answer) // XEP-0090
{
    const std::string now = legacy_date_time(std::time(nullptr));
    answer.result("<query xmlns='jabber:iq:time'><utc>" + now + "</utc><tz>UTC</tz><display>" + now +
                  "</display></query>");
}

} // namespace jabberd::session_manager::iq
