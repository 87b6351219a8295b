// SPDX-License-Identifier: LGPL-2.1-or-later
// The properties of the metrics listener's requests, tried on the same ones every time.
#include "fuzz/scrape_requests.h"

#include "metrics/request.h"

#include <gtest/gtest.h>

#include <variant>

namespace jabberd::fuzz {
namespace {

TEST(ScrapeProperty, ARequestIsJudgedAtItsEndAndAnsweredInWordsOfOurs)
{
    Random random{1};
    unsigned accepted = 0, refused = 0;
    for (unsigned i = 0; i < 5000; ++i) {
        const std::string request = some_scrape(random);
        for (const Failure &failure : {judged_at_its_end(request), answered_in_words_of_ours(request)})
            ASSERT_FALSE(failure) << "case " << i << "\n" << request << "\n" << *failure;
        if (const auto read = host::read_request(request))
            ++(std::holds_alternative<host::ScrapeRequest>(*read) ? accepted : refused);
    }
    EXPECT_GT(accepted, 500u);
    EXPECT_GT(refused, 500u);
}

} // namespace
} // namespace jabberd::fuzz
