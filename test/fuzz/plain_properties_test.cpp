// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of examples/plain_socket_manager, tried on the same cases every time, and on those that were faults.
#include "fuzz/from_environment.h"
#include "fuzz/generator.h"
#include "fuzz/plain_properties.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace jabberd::fuzz {
namespace {

const unsigned connections = from_environment("FUZZ_CASES", 20000) / 4; // each is four connections

constexpr const char *stream_header =
    "<stream:stream to='foo.com' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

class PlainProperty : public testing::Test {
protected:
    Random random_{from_environment("FUZZ_SEED", 1)};
};

TEST_F(PlainProperty, WhateverAClientSendsIsRoutedRightly)
{
    for (unsigned i = 0; i < connections; ++i) {
        std::string stanzas = some_stanzas(random_);
        if (random_() % 2 == 0)
            stanzas = broken(stanzas, random_);
        const Failure failure = plain_routes_rightly(some_declaration(random_) + stream_header + stanzas, random_);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(PlainProperty, WhateverASessionManagerSendsHurtsNobodyElse)
{
    for (unsigned i = 0; i < connections; ++i) {
        const std::string children = some_children(random_);
        const Failure failure =
            plain_tells_rightly(random_() % 4 == 0 ? some_name(random_) : "message", some_name(random_),
                                some_plain_text(random_), random_() % 2 == 0 ? children : broken(children, random_));
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(PlainProperty, HoldsOfWhatWasAFault)
{
    for (const std::string stanzas :
         {"<iq type='set' id='1'><query xmlns='jabber:iq:auth' a:t='1'/></iq>", "<iq><a:b/></iq>", "<a:iq b:c=''/>",
          "<message><xml:_/></message>", "<xml:message/>",
          "<message><x xmlns:xml='http://www.w3.org/XML/1998/namespace'/></message>",
          "<message><body><![CDATA[a\r\nb\rc]]></body></message>", "<message><body>a]]&gt;]]></body></message>",
          "<message><body><![CDATA[\xc3\x28]]></body></message>", "<message><body>\xed\xa0\x80</body></message>",
          "<message><body>\xf4\x90\x80\x80</body></message>", "<![CDATA[ ]]><message/>", "&#32;<message/>",
          "<stream:stream/>", "</stream:stream>"}) {
        const Failure failure = plain_routes_rightly(stream_header + stanzas, random_);
        EXPECT_FALSE(failure) << stanzas << "\n" << *failure;
    }
    std::string many = "<message";
    for (int i = 0; i < 63; ++i)
        many += " a" + std::to_string(i) + "=''";
    const std::string with_all = stream_header + many + "/>"; // and two more, while the host is full
    EXPECT_FALSE(plain_routes_rightly(with_all, random_));
    const std::string uri = "urn:" + std::string(2000, 'x');
    std::string grown = "<message xmlns:p='" + uri + "'>";
    for (int i = 0; i < 2000; ++i)
        grown += "<p:x/>";
    const Failure failure = plain_routes_rightly(stream_header + grown + "</message>", random_);
    EXPECT_FALSE(failure) << failure->substr(0, 200);
    for (const char *body :
         {"<xml:_/>", "<x a:b=''/>", "</message><message>", "<error code='510'>Disconnected</error>"}) {
        const Failure told = plain_tells_rightly("message", "", "", body);
        EXPECT_FALSE(told) << body << "\n" << *told;
    }
}

} // namespace
} // namespace jabberd::fuzz
