// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/cmocka_in_gtest.h"

#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <regex>
#include <string>

extern "C" { // 1.1.5 does not say so itself
#include <cmocka.h>
}
#undef fail // a name of ours, too

namespace jabberd::test {

namespace {

// Standard output and error go to memory while it lives. CMocka writes its report to the one and the message of
// fail_msg() to the other.
class CaughtOutput {
public:
    CaughtOutput()
    {
        flush();
        dup2(memory_, STDOUT_FILENO);
        dup2(memory_, STDERR_FILENO);
    }
    CaughtOutput(const CaughtOutput &) = delete;
    CaughtOutput &operator=(const CaughtOutput &) = delete;
    ~CaughtOutput()
    {
        release();
        for (const int fd : {memory_, output_, error_})
            close(fd);
    }

    std::string release()
    {
        flush();
        dup2(output_, STDOUT_FILENO);
        dup2(error_, STDERR_FILENO);
        std::string text(static_cast<std::size_t>(lseek(memory_, 0, SEEK_END)), '\0');
        const ssize_t read = pread(memory_, text.data(), text.size(), 0);
        text.resize(read < 0 ? 0 : static_cast<std::size_t>(read));
        return text;
    }

private:
    static void flush()
    {
        fflush(stdout);
        fflush(stderr);
    }

    const int memory_ = memfd_create("cmocka", MFD_CLOEXEC);
    const int output_ = dup(STDOUT_FILENO);
    const int error_ = dup(STDERR_FILENO);
};

// What remains of CMocka's report when its own headings are taken away: the messages of the assertions.
std::string messages_in(const std::string &report)
{
    static const std::regex heading{
        R"(\[(=+| RUN      |       OK |  PASSED  |  FAILED  |  SKIPPED )\][^\n]*\n|\n? ?[0-9]+ (FAILED|SKIPPED) TEST\(S\)\n|\[  ERROR   \] --- |\[   LINE   \] --- )"};
    return std::regex_replace(report, heading, "");
}

class CMockaTest : public testing::Test {
public:
    explicit CMockaTest(const CMUnitTest &test) : test_{test} {}

    void TestBody() override
    {
        unsetenv("CMOCKA_MESSAGE_OUTPUT"); // would have the last word
        cmocka_set_message_output(CM_OUTPUT_STDOUT);
        CaughtOutput caught;
        const int failed = _cmocka_run_group_tests(test_.name, &test_, 1, nullptr, nullptr);
        const std::string report = caught.release();
        if (failed == 0) {
            if (report.find("[  SKIPPED ]") != std::string::npos)
                GTEST_SKIP();
            return;
        }
        static const std::regex place{R"(\[   LINE   \] --- ([^\n]*):([0-9]+): error)"};
        std::smatch found;
        if (std::regex_search(report, found, place))
            ADD_FAILURE_AT(found[1].str().c_str(), std::stoi(found[2])) << messages_in(report);
        else
            ADD_FAILURE() << report;
    }

private:
    const CMUnitTest &test_;
};

} // namespace

void register_cmocka_group(const cmocka_group &group)
{
    for (std::size_t i = 0; i < group.count; ++i) {
        const CMUnitTest &test = group.tests[i];
        testing::RegisterTest(group.name, test.name, nullptr, nullptr, __FILE__, __LINE__,
                              [&test]() -> testing::Test * { return new CMockaTest{test}; });
    }
}

} // namespace jabberd::test
