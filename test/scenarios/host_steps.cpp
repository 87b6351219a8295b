// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/classic/classic_stub.h"
#include "scenarios/steps.h"

#include "support/packet_from_xml.h"

#include <memory>

namespace jabberd::test {

namespace {

const char *name_of(jabberd_result result)
{
    switch (result) {
    case JABBERD_PASS: return "passed";
    case JABBERD_DONE: return "taken";
    case JABBERD_ERROR: return "refused";
    case JABBERD_CONGESTED: return "taken, with congestion";
    }
    return "answered with something unknown";
}

jabberd_result give(Stage &stage, const std::string &xml)
{
    const std::string text = stage.filled(xml);
    stage.tell("host>   " + text);
    return stage.host().give(packet_from_xml(text).packet());
}

void host_receives(Stage &stage, const std::smatch &parts)
{
    const Element expected = stage.pattern(parts[1]);
    const auto delivered = stage.host().packets.take();
    if (!delivered)
        throw Mismatch("the host received nothing");
    stage.tell("host<   " + delivered->text);
    stage.check_delivered(*delivered);
    if (const auto wrong = stage.differs(expected, parse_element(delivered->text)))
        throw Mismatch(*wrong);
}

void host_gives(Stage &stage, const std::smatch &parts)
{
    if (const jabberd_result result = give(stage, parts[1]); result != JABBERD_DONE && result != JABBERD_CONGESTED)
        throw Mismatch(std::string{"the component should have taken it, but it was "} + name_of(result));
}

void component_refuses(Stage &stage, const std::smatch &parts)
{
    if (const jabberd_result result = give(stage, parts[1]); result != JABBERD_ERROR)
        throw Mismatch(std::string{"the component should have refused it, but it was "} + name_of(result));
}

void component_passes(Stage &stage, const std::smatch &parts)
{
    if (const jabberd_result result = give(stage, parts[1]); result != JABBERD_PASS)
        throw Mismatch(std::string{"the component should have passed it on, but it was "} + name_of(result));
}

// For packets of which only the consequences matter.
void host_offers(Stage &stage, const std::smatch &parts)
{
    give(stage, parts[1]);
}

bool is_bare_notice(const Delivered &delivered)
{
    Captures captures;
    static const Element notice = parse_element(
        "<message type='error' sto='{sto}' sfrom='{sfrom}'><error code='510'>Disconnected</error></message>");
    return !difference(notice, parse_element(delivered.text), captures);
}

// Of so many numbered packets, the host must receive the last ones, from any number on, in order.
// The notice that the session has ended may come between; it is kept for the next step.
void host_gets_the_end_of(Stage &stage, const std::smatch &parts)
{
    const unsigned long last = std::stoul(parts[1]);
    const Element expected = parse_element(expand_repeats(parts[2].str())); // {n} is a hole like any other here
    std::optional<Delivered> notice;
    for (unsigned long n = 0; n < last;) {
        auto delivered = stage.host().packets.take();
        if (!delivered)
            throw Mismatch("the host received nothing after number " + std::to_string(n));
        stage.check_delivered(*delivered);
        if (is_bare_notice(*delivered)) {
            notice = std::move(delivered);
            continue;
        }
        const Element actual = parse_element(delivered->text);
        const unsigned long first_allowed = n + 1, last_allowed = n == 0 ? last : n + 1;
        for (n = first_allowed; n <= last_allowed; ++n) {
            stage.capture("n", std::to_string(n));
            if (!stage.differs(expected, actual))
                break;
        }
        stage.tell("host<   " + delivered->text);
        if (n > last_allowed)
            throw Mismatch("this is not number " + std::to_string(first_allowed));
    }
    if (notice)
        stage.host().packets.add(std::move(*notice));
}

// What the host does inside deliver(): `when` names the packet, each `then` adds an answer.
struct Rehearsal {
    Element expected;
    std::vector<std::string> answers;
    bool over = false;
};

Rehearsal last_rehearsal;

// Every line puts the whole rehearsal in place anew: nothing is shared with the component's threads.
void put_in_place(Stage &stage)
{
    stage.host().set_reaction([&stage, plan = std::make_shared<Rehearsal>(last_rehearsal)](const Delivered &delivered) {
        if (plan->over || stage.differs(plan->expected, parse_element(delivered.text)))
            return false;
        plan->over = true;
        stage.tell("host<   " + delivered.text + "   (and answers at once)");
        for (const std::string &answer : plan->answers)
            give(stage, answer);
        return true;
    });
}

void rehearse(Stage &stage, const std::smatch &parts)
{
    last_rehearsal = {stage.pattern(parts[1]), {}};
    put_in_place(stage);
}

void rehearse_answer(Stage &stage, const std::smatch &parts)
{
    last_rehearsal.answers.push_back(stage.numbered(parts[1]));
    put_in_place(stage);
}

void host_receives_nothing(Stage &stage, const std::smatch &)
{
    stage.expect_no_packets();
}

void host_is_full(Stage &stage, const std::smatch &words)
{
    stage.set_full(true, words[1]);
}

void host_resumes(Stage &stage, const std::smatch &words)
{
    stage.set_full(false, words[1]);
}

void component_stops(Stage &stage, const std::smatch &)
{
    stage.stop();
}

ClassicStub &classic(Stage &stage)
{
    auto *host = dynamic_cast<ClassicStub *>(&stage.host());
    if (host == nullptr)
        throw Mismatch("only classic hosts have a wire");
    return *host;
}

void shows_wire(Stage &stage, const std::smatch &)
{
    classic(stage).show_wire();
}

void comes_over_wire(Stage &stage, const std::smatch &parts)
{
    const Element expected = stage.pattern(parts[1]);
    const auto delivered = classic(stage).packets.take();
    if (!delivered)
        throw Mismatch("nothing came over the wire");
    stage.tell("wire<   " + delivered->text);
    if (const auto wrong = stage.differs(expected, parse_element(delivered->text)))
        throw Mismatch(*wrong);
}

void goes_over_wire(Stage &stage, const std::smatch &parts)
{
    const std::string text = stage.filled(parts[1]);
    stage.tell("wire>   " + text);
    classic(stage).say(text);
}

} // namespace

const std::vector<Sentence> &host_sentences()
{
    static const std::vector<Sentence> sentences{
        {std::regex{"host< the end of (\\d+) times (.*)"}, host_gets_the_end_of},
        {std::regex{"host< +(.*)"}, host_receives},
        {std::regex{"host> +(.*)"}, host_gives},
        {std::regex{"refused host> +(.*)"}, component_refuses},
        {std::regex{"passed host> +(.*)"}, component_passes},
        {std::regex{"offered host> +(.*)"}, host_offers},
        {std::regex{"when host< +(.*)"}, rehearse},
        {std::regex{"then host> +(.*)"}, rehearse_answer},
        {std::regex{"host shows its wire"}, shows_wire},
        {std::regex{"wire< +(.*)"}, comes_over_wire},
        {std::regex{"wire> +(.*)"}, goes_over_wire},
        {std::regex{"host nothing"}, host_receives_nothing},
        {std::regex{"host full(?: for (\\S+))?"}, host_is_full},
        {std::regex{"host resumes(?: (\\S+))?"}, host_resumes},
        {std::regex{"component stops"}, component_stops},
    };
    return sentences;
}

} // namespace jabberd::test
