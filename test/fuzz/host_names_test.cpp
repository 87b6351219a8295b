// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/host_names.h"

#include "base/host_name.h"

#include <gtest/gtest.h>

#include <string>

namespace jabberd::fuzz {
namespace {

std::string respelled(std::string name, Random &random)
{
    const auto other = random() % 2 == 0 ? host_in_unicode(name) : host_in_ascii(name);
    if (other && random() % 4 != 0)
        name = *other;
    for (char &c : name) {
        if (c >= 'a' && c <= 'z' && random() % 3 == 0)
            c = static_cast<char>(c - 'a' + 'A');
    }
    return random() % 4 == 0 ? name + "." : name;
}

TEST(HostNames, AreOneHostIfAndOnlyIfTheRuleSaysSo)
{
    Random random{1};
    unsigned names = 0, pairs = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        const std::string a = some_host_name(random);
        const std::string b = random() % 2 == 0 ? some_host_name(random) : respelled(a, random);
        const Failure failure = one_host_by_one_rule(a, b);
        ASSERT_FALSE(failure) << "case " << i << "\n" << *failure;
        names += host_in_ascii(a).has_value();
        pairs += host_in_ascii(a) && a != b && same_host(a, b);
    }
    EXPECT_GT(names, 10000u) << "a generator of names that are none would prove nothing";
    EXPECT_GT(pairs, 5000u);
}

} // namespace
} // namespace jabberd::fuzz
