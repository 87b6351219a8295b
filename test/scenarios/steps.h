// SPDX-License-Identifier: LGPL-2.1-or-later
// The sentences a scenario may be told in.
#pragma once

#include "scenarios/stage.h"

#include <regex>
#include <string>
#include <vector>

namespace jabberd::test {

// One kind of sentence. The match gives its parts in order.
struct Sentence {
    std::regex form;
    void (*play)(Stage &stage, const std::smatch &parts);
};

const std::vector<Sentence> &host_sentences();   // what the host sees and does; asked first
const std::vector<Sentence> &stage_sentences();  // configuration, log, status, repetition
const std::vector<Sentence> &client_sentences(); // what clients see and do

// Plays one line. Throws Mismatch.
void play(Stage &stage, const std::string &line);

} // namespace jabberd::test
