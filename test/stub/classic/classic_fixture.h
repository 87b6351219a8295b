// SPDX-License-Identifier: LGPL-2.1-or-later
// What the tests of the classic stub share: its fixture components, and packets in both dialects.
#pragma once

#include "support/classic_host.h"
#include "support/element.h"
#include "support/pattern.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace jabberd::test {

inline std::string classic_fixture(const std::string &name)
{
    const char *folder = std::getenv("CLASSIC_FIXTURES");
    return std::string{folder == nullptr ? "." : folder} + "/classic_" + name + ".so";
}

// A packet from a session manager to a connection, or the other way round.
inline std::string packet(ClassicHost::Flavour flavour, const std::string &to, const std::string &from,
                          const std::string &body)
{
    if (!ClassicHost::has_routes(flavour))
        return "<message sto='" + to + "' sfrom='" + from + "'><body>" + body + "</body></message>";
    return "<route to='" + to + "' from='" + from + "'><message><body>" + body + "</body></message></route>";
}

// A test that plays one end, or both, with holes for what only the other end knows.
class Play {
public:
    Play(ClassicHost::Flavour flavour, Script &script) : flavour_{flavour}, script_{script} {}

    void say(const std::string &xml) { script_.say(spelled(fill(xml, captures_, Filling::Xml))); }

    // The next element is this.
    void expect(const std::string &pattern)
    {
        const auto got = script_.take();
        ASSERT_TRUE(got) << "nothing came instead of " << pattern;
        const auto wrong = difference(parse_element(spelled(pattern)), parse_element(*got), captures_);
        EXPECT_FALSE(wrong) << *wrong << "\nin " << *got << "\ninstead of " << pattern;
    }

private:
    // 1.6 says of its routes which namespace they are in.
    std::string spelled(std::string xml) const
    {
        if (flavour_ >= ClassicHost::Flavour::Jabberd16 && xml.starts_with("<route "))
            xml.insert(6, " xmlns='jabber:server'");
        return xml;
    }

    const ClassicHost::Flavour flavour_;
    Script &script_;
    Captures captures_;
};

} // namespace jabberd::test
