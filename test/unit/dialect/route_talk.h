// SPDX-License-Identifier: LGPL-2.1-or-later
// A client whom the route dialect serves, in jabberd 1.4.
#pragma once

#include "dialect/told.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd::test {

class RouteTalk : public testing::Test {
protected:
    Told told{dialect::make_route_dialect("")};

    static std::string login(const std::string &username, const std::string &resource, const std::string &sto)
    {
        return "<iq id='n1' type='set' sto='" + sto + "' sfrom='12@c2s/1'><query xmlns='jabber:iq:auth'><username>" +
               username + "</username><resource>" + resource + "</resource><password>pw1</password></query></iq>";
    }

    void log_in()
    {
        told.component(login("alice", "home", "localhost"));
        told.host("<route from='alice@localhost/home' to='12@c2s/1' type='auth'><iq type='result' id='n1'/></route>");
        told.host("<route type='session' to='12@c2s/1' from='alice@localhost/CFBE02B0'/>");
    }
};

} // namespace jabberd::test
