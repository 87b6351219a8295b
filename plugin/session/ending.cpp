// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/ending.h"

#include "base/ascii.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace jabberd::session {

namespace {

using packet::Undelivered;
using stream::Condition;

bool says(std::string_view text, std::initializer_list<std::string_view> words)
{
    const auto alike = [](char a, char b) { return ascii_lower(a) == ascii_lower(b); };
    return std::ranges::any_of(words, [&](std::string_view word) { // std::ranges::search is beyond clang 14
        return std::search(text.begin(), text.end(), word.begin(), word.end(), alike) != text.end();
    });
}

// Where it is the text alone that tells: those of classic session managers and routers, and of ours.
Ending ending_told_by(const std::string &text, bool authenticated)
{
    const bool is_bare = text.empty() || text == text_of(Undelivered::Disconnected);
    if (text == text_of(Undelivered::UnknownHost)) {
        return authenticated ? Ending{Condition::RemoteConnectionFailed, "The session manager is gone"}
                             : Ending{Condition::HostUnknown, "Nobody of that name is served here"};
    }
    if (text == text_of(Undelivered::NotTaken) ||
        says(text, {"not connected", "timeout", "timed out", "external server", "remote server", "deliver"}))
        return {Condition::RemoteConnectionFailed, "The session manager cannot be reached"};
    if (authenticated && (is_bare || says(text, {"replaced", "conflict"})))
        return {Condition::Conflict, "The session was ended: a newer login has its name"};
    if (says(text, {"invalid session", "invalid user", "no session", "no such session", "unknown session"}))
        return {Condition::Reset, "The session manager does not know this session any more"};
    if (is_bare)
        return {Condition::Reset, "The session manager has ended this stream"};
    return {Condition::Reset, text};
}

} // namespace

Ending ending_of(const jabberd_packet &notice, bool authenticated)
{
    packet::Explanation explanation = packet::explanation_of(notice);
    const auto condition = stream::condition_named(explanation.end_condition);
    const bool goes_elsewhere = condition == Condition::SeeOtherHost;
    if (goes_elsewhere && !explanation.end_host.empty())
        return {*condition, std::move(explanation.end_text), std::move(explanation.end_host)};
    if (condition && !goes_elsewhere)
        return {*condition, std::move(explanation.end_text)};
    return ending_told_by(explanation.text, authenticated);
}

} // namespace jabberd::session
