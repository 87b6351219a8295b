// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties, tried on the same thousands of cases every time.
#include "fuzz/from_environment.h"
#include "fuzz/generator.h"
#include "fuzz/properties.h"
#include "support/heard.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

const unsigned cases = from_environment("FUZZ_CASES", 20000);

class Property : public testing::Test {
protected:
    Random random_{from_environment("FUZZ_SEED", 1)};

    // Half of them well-formed.
    std::string stanzas()
    {
        const std::string good = some_stanzas(random_);
        return random_() % 2 == 0 ? good : broken(good, random_);
    }

    std::string stream()
    {
        std::string header = some_declaration(random_) + "<stream:stream to='foo.com' xmlns='jabber:client' "
                                                         "xmlns:stream='http://etherx.jabber.org/streams'";
        header += random_() % 2 == 0 ? ">" : " xmlns:x='urn:x' xmlns:c='jabber:client' xmlns:y=\"urn:'y\">";
        return random_() % 50 == 0 ? broken(header, random_) + stanzas() : header + stanzas();
    }
};

TEST_F(Property, AnyChunksOfTheSameBytesGiveTheSameEvents)
{
    for (unsigned i = 0; i < cases; ++i) {
        const Failure failure = same_events_in_any_chunks(stream(), random_);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(Property, WhatWeAcceptExpatUnderstandsAlike)
{
    for (unsigned i = 0; i < cases; ++i) {
        const Failure failure = read_by_expat_too(stream());
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(Property, WhatNothingCanMakeRightIsRefusedAtThatByte)
{
    for (unsigned i = 0; i < cases; ++i) {
        const Failure failure = refused_when_nothing_can_make_it_right(stream());
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(Property, WhateverTheClientSendsThePacketHasOnePairOfSessionAttributes)
{
    for (unsigned i = 0; i < cases; ++i) {
        const Failure failure = one_pair_of_session_attributes(stanzas());
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(Property, WhateverTheHostSendsTheClientSeesNone)
{
    for (unsigned i = 0; i < cases; ++i) {
        const bool odd = random_() % 2 == 0;
        const std::string name = random_() % 8 == 0 ? broken(some_name(random_), random_) : "message";
        const std::string attribute = random_() % 8 == 0 ? broken(some_name(random_), random_) : some_name(random_);
        const std::string body = odd ? broken(some_children(random_), random_) : some_children(random_);
        const Failure failure =
            no_session_attribute_reaches_the_client(name, attribute, some_plain_text(random_), body);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(Property, FiftyStreamsOverOnePoolHearWhatEachWouldHearAlone)
{
    for (unsigned i = 0; i < cases / 500; ++i) {
        std::vector<std::string> streams(50);
        for (std::string &stream : streams)
            for (int n = 0; n < 5; ++n)
                stream += random_() % 20 == 0 ? stanzas()
                                              : "<message><body>" + std::to_string(random_()) + "</body></message>" +
                                                    std::string(random_() % 400 == 0 ? 500 : random_() % 2, ' ');
        const Failure failure = streams_do_not_hear_each_other(streams, random_);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_F(Property, TheGeneratorWritesMostlyWhatIsUnderstood)
{
    // A generator whose streams all end at once would prove nothing.
    unsigned understood = 0;
    for (unsigned i = 0; i < 1000; ++i)
        understood += test::hear_stream(stream()).events.size() > 1;
    EXPECT_GT(understood, 300u);
}

} // namespace
} // namespace jabberd::fuzz
