// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of the dialects, tried on the same thousands of cases every time.
#include "fuzz/dialects.h"
#include "fuzz/generator.h"

#include <gtest/gtest.h>

namespace jabberd::fuzz {
namespace {

constexpr unsigned lines = 2000;

class DialectProperty : public testing::TestWithParam<Spoken> {
protected:
    Random random_{1};
};

TEST_P(DialectProperty, WhatIsSentBackIsWhatItWas)
{
    for (unsigned i = 0; i < lines; ++i) {
        const Failure failure = comes_back_as_it_was(GetParam(), some_stanzas(random_));
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

TEST_P(DialectProperty, WhateverTheHostDeliversStaysBetweenAConnectionAndItsSession)
{
    for (unsigned i = 0; i < lines; ++i) {
        const Failure failure = stays_between_connection_and_session(GetParam(), some_lines(random_));
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

std::string name_of(const testing::TestParamInfo<Spoken> &spoken)
{
    constexpr const char *names[] = {"Session", "Route", "RouteInNamespaces"};
    return names[static_cast<int>(spoken.param)];
}

INSTANTIATE_TEST_SUITE_P(Spoken, DialectProperty,
                         testing::Values(Spoken::Session, Spoken::Route, Spoken::RouteInNamespaces), name_of);

TEST(RouteSessionsProperty, NoMoreIsKnownThanThereArePlaces)
{
    Random random{1};
    for (unsigned i = 0; i < lines; ++i) {
        const Failure failure = forgets_sessions_with_their_places(random);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
    }
}

} // namespace
} // namespace jabberd::fuzz
