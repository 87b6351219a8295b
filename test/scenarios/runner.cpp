// SPDX-License-Identifier: LGPL-2.1-or-later
// Plays the scenarios of the files named on its command line: every scenario is a GoogleTest whose name is its first
// sentence. COMPONENT in the environment names the shared object. With SWAP_BEFORE_EVERY_STEP it is replaced all the
// time, by a copy of itself, and nothing else may be different. With CLASSIC_STUB it is played in that classic host.
#include "scenarios/scenario_file.h"
#include "scenarios/steps.h"

#include <gtest/gtest.h>

#include <cctype>
#include <csignal>
#include <cstdlib>
#include <iostream>

namespace jabberd::test {

void play(Stage &stage, const std::string &line)
{
    for (const auto *sentences : {&host_sentences(), &stage_sentences(), &client_sentences()}) {
        for (const Sentence &sentence : *sentences) {
            if (std::smatch parts; std::regex_match(line, parts, sentence.form))
                return sentence.play(stage, parts);
        }
    }
    throw Mismatch("this sentence means nothing");
}

namespace {

class ScenarioTest : public testing::Test {
public:
    explicit ScenarioTest(const Scenario &scenario) : scenario_{scenario} {}

    void TestBody() override
    {
        Stage stage{std::getenv("COMPONENT")};
        const Step *current = nullptr;
        try {
            for (const Step &step : scenario_.steps) {
                current = &step;
                if (std::getenv("SWAP_BEFORE_EVERY_STEP") != nullptr)
                    stage.swap();
                play(stage, step.text);
            }
            current = nullptr;
            stage.check_ending();
        } catch (const Skipped &reason) {
            GTEST_SKIP() << reason.what();
        } catch (const std::exception &error) {
            const unsigned line = current == nullptr ? scenario_.line : current->line;
            ADD_FAILURE_AT(scenario_.file.c_str(), static_cast<int>(line))
                << scenario_.name << "\n"
                << stage.conversation() << " >> " << (current == nullptr ? "(the end)" : current->text) << "\n    "
                << error.what() << "\n";
        }
    }

private:
    const Scenario &scenario_;
};

// "stream_errors.scenario" becomes "StreamErrors".
std::string suite_name(const std::string &file)
{
    std::string name;
    bool upper = true;
    for (const char c : file.substr(0, file.find('.'))) {
        if (c != '_')
            name += upper ? static_cast<char>(std::toupper(c)) : c;
        upper = c == '_';
    }
    return name;
}

void register_scenarios(const std::string &path)
{
    static std::deque<std::vector<Scenario>> all; // tests refer to them until the program ends
    for (const Scenario &scenario : all.emplace_back(read_scenarios(path))) {
        testing::RegisterTest(suite_name(scenario.file).c_str(), scenario.name.c_str(), nullptr, nullptr,
                              scenario.file.c_str(), static_cast<int>(scenario.line),
                              [&scenario]() -> testing::Test * { return new ScenarioTest{scenario}; });
    }
}

} // namespace

} // namespace jabberd::test

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    std::signal(SIGPIPE, SIG_IGN); // as hosts do
    if (std::getenv("COMPONENT") == nullptr) {
        std::cerr << "COMPONENT names no shared object\n";
        return EXIT_FAILURE;
    }
    try {
        for (int i = 1; i < argc; ++i)
            jabberd::test::register_scenarios(argv[i]);
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return EXIT_FAILURE;
    }
    return RUN_ALL_TESTS();
}
