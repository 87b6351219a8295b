// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/scenario_file.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace jabberd::test {

namespace {

constexpr std::string_view white = " \t";

// The first sentence of the story, without its full stop.
std::string first_sentence(const std::string &story)
{
    const auto stop = story.find(". ");
    std::string sentence = story.substr(0, stop);
    if (sentence.ends_with('.'))
        sentence.pop_back();
    return sentence;
}

// A paragraph: comment lines first, then steps; an indented line continues the one before it.
class Paragraph {
public:
    void add(unsigned line, const std::string &text)
    {
        const auto begin = text.find_first_not_of(white);
        if (line_ == 0)
            line_ = line;
        if (text[0] == '#') {
            if (steps_.empty() && text.size() > 2)
                story_ += (story_.empty() ? "" : " ") + text.substr(2);
        } else if (begin > 0 && !steps_.empty()) {
            steps_.back().text += text.substr(begin);
        } else {
            steps_.push_back({line, text.substr(begin)});
        }
    }

    // Appends what has been read: a scenario, steps that all later ones of the file begin with, or prose.
    void end(const std::string &file, std::vector<Step> &common, std::vector<Scenario> &scenarios)
    {
        if (!steps_.empty() && story_.empty()) {
            common.insert(common.end(), steps_.begin(), steps_.end());
        } else if (!steps_.empty()) {
            Scenario scenario{file, line_, first_sentence(story_), common};
            scenario.steps.insert(scenario.steps.end(), steps_.begin(), steps_.end());
            scenarios.push_back(std::move(scenario));
        }
        *this = {};
    }

private:
    unsigned line_ = 0;
    std::string story_;
    std::vector<Step> steps_;
};

} // namespace

std::vector<Scenario> read_scenarios(const std::string &path)
{
    std::ifstream input{path};
    if (!input)
        throw std::runtime_error("cannot read " + path);
    const std::string file = std::filesystem::path{path}.filename();
    std::vector<Scenario> scenarios;
    std::vector<Step> common;
    Paragraph paragraph;
    std::string text;
    for (unsigned line = 1; std::getline(input, text); ++line) {
        if (text.find_first_not_of(white) == std::string::npos)
            paragraph.end(file, common, scenarios);
        else
            paragraph.add(line, text);
    }
    paragraph.end(file, common, scenarios);
    if (scenarios.empty())
        throw std::runtime_error(path + " tells nothing");
    return scenarios;
}

} // namespace jabberd::test
