// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/log_file.h"

#include "support/patience.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <thread>

namespace jabberd::test {

namespace {

unsigned count(const std::string &text, const std::string &part)
{
    unsigned found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

} // namespace

std::string contents_of(const std::string &file)
{
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

bool wait_for_log(const std::string &file, const std::string &part, unsigned times)
{
    for (const auto deadline = soon() + patience; Clock::now() < deadline; std::this_thread::yield()) {
        if (count(contents_of(file), part) >= times)
            return true;
    }
    ADD_FAILURE() << "\"" << part << "\" is not " << times << " times in " << contents_of(file);
    return false;
}

} // namespace jabberd::test
