// SPDX-License-Identifier: LGPL-2.1-or-later
#include "flood/kind.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace jabberd::chaos {

namespace {

constexpr const char *victim = "friend-one@localhost";

std::string iq(unsigned round, const std::string &type, const std::string &payload)
{
    return "<iq type='" + type + "' id='" + std::to_string(round) + "'>" + payload + "</iq>";
}

std::string password_change(const Who &who, unsigned round)
{
    return iq(round, "set",
              "<query xmlns='jabber:iq:register'><username>" + who.name + "</username><password>p" +
                  std::to_string(round) + "</password></query>");
}

std::string registration(const Who &who, unsigned round)
{
    return iq(round, "set",
              "<query xmlns='jabber:iq:register'><username>" + who.name + "-" + std::to_string(who.number) + "-" +
                  std::to_string(round) + "</username><password>secret</password></query>");
}

std::string wrong_login(const Who &who, unsigned round)
{
    return iq(round, "set",
              "<query xmlns='jabber:iq:auth'><username>" + who.name +
                  "</username><password>wrong</password><resource>r</resource></query>");
}

std::string roster_item(unsigned round, std::size_t bytes)
{
    std::string groups;
    for (unsigned group = 0; groups.size() < bytes; ++group)
        groups += "<group>" + std::to_string(group) + std::string(std::min<std::size_t>(bytes, 1000), 'g') + "</group>";
    return iq(round, "set",
              "<query xmlns='jabber:iq:roster'><item jid='contact" + std::to_string(round) +
                  "@localhost' name='somebody'>" + groups + "</item></query>");
}

std::string small_roster_change(const Who &, unsigned round)
{
    return roster_item(round % 1000, 0);
}

std::string large_roster_change(const Who &, unsigned round)
{
    return roster_item(round, 90'000);
}

// A roster first, then nothing but questions for it.
std::string roster_question(const Who &, unsigned round)
{
    constexpr unsigned items = 450;
    return round < items ? roster_item(round, 900) : iq(round, "get", "<query xmlns='jabber:iq:roster'/>");
}

std::string message(const std::string &to, const std::string &children)
{
    return "<message type='chat' to='" + to + "'>" + children + "</message>";
}

std::string short_message(const Who &who, unsigned)
{
    return message(who.name + "@localhost", "<body>x</body>");
}

std::string prefixed_children(const Who &, unsigned)
{
    std::string children;
    for (int i = 0; i < 1000; ++i)
        children += "<p:a/>";
    return "<message to='" + std::string{victim} + "' xmlns:p='" + std::string(8000, 'u') + "'>" + children +
           "</message>";
}

std::string large_subscription(const Who &, unsigned)
{
    return "<presence type='subscribe' to='" + std::string{victim} + "'><status>" + std::string(20'000, 's') +
           "</status></presence>";
}

std::string half_a_stanza(const Who &who, unsigned)
{
    return "<message to='" + who.name + "@localhost'><body>" + std::string(200'000, 'x');
}

std::string half_a_login(const Who &, unsigned)
{
    return "<iq type='set' id='1'><query xmlns='jabber:iq:auth'><username>" + std::string(8'500, 'x');
}

std::string large_message_to_itself(const Who &who, unsigned)
{
    return message(who.name + "@localhost/r" + std::to_string(who.number),
                   "<body>" + std::string(60'000, 'x') + "</body>");
}

// Cut anywhere: behind the header, in a login, between two, in one that is too long.
std::string part_of_a_life(const Who &who, unsigned)
{
    static std::size_t cut = 0;
    const std::string life = wrong_login(who, 1) + half_a_login(who, 1);
    return life.substr(0, (cut += 37) % life.size());
}

// By jabber:iq:auth, and by SASL, in turns: PLAIN, of the user "flood".
std::string any_login(const Who &who, unsigned)
{
    return who.number % 2 == 0 ? iq(0, "set",
                                    "<query xmlns='jabber:iq:auth'><username>" + who.name +
                                        "</username><password>secret</password><resource>r</resource></query>")
                               : "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
                                 "AGZsb29kAHNlY3JldA==</auth>";
}

std::string nothing(const Who &, unsigned)
{
    return {};
}

// Of a request for a WebSocket: its first byte, a half, or all of it, and then nothing.
std::string part_of_an_upgrade(const Who &who, unsigned)
{
    const std::string request = "GET /xmpp-websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n";
    const std::array<std::size_t, 3> sizes{1, request.size() / 2, request.size()};
    return request.substr(0, sizes[who.number % sizes.size()]);
}

std::string resumable_session(const Who &, unsigned)
{
    return "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";
}

// The flood asks for another user's session (FLOOD_PREVID), for the same with another key, for one of any place, and by
// what is no id.
std::string forged_resumption(const Who &who, unsigned round)
{
    const char *stolen = std::getenv("FLOOD_PREVID"); // NOLINT: no thread sets one meanwhile
    const std::string theirs = stolen == nullptr ? "0-0-" : stolen;
    const std::string place = theirs.substr(0, theirs.rfind('-') + 1),
                      guess = std::to_string(who.number * 1000 + round);
    const std::array<std::string, 4> forged{theirs, place + std::string(32 - guess.size(), '0') + guess,
                                            guess + "-" + guess + "-" + std::string(32, 'f'),
                                            guess + "&amp;/../" + theirs};
    return "<resume xmlns='urn:xmpp:sm:3' h='0' previd='" + forged[round % forged.size()] + "'/>";
}

const std::array kinds{
    Kind{"password-changes", "one client changes its password without end", true, password_change},
    Kind{.name = "registrations",
         .what = "accounts are made without a login, eight by each connection",
         .logs_in = false,
         .say = registration,
         .rounds = 8},
    Kind{.name = "wrong-logins",
         .what = "wrong passwords, three by each connection",
         .logs_in = false,
         .say = wrong_login,
         .rounds = 3,
         .comes_again = true},
    Kind{"roster-changes", "one client changes its roster without end", true, small_roster_change},
    Kind{"large-rosters", "rosters of 90 KB an item, without end", true, large_roster_change},
    Kind{"roster-questions", "a request of 60 bytes with an answer of 0.5 MB, without end", true, roster_question},
    Kind{.name = "long-language",
         .what = "a language of 7 900 bytes in the stream header, for each short message",
         .say = short_message,
         .header = " xml:lang='" + std::string(7'900, 'e') + "'"},
    Kind{"prefixes", "a thousand children share the declaration of a namespace of 8 000 bytes", true,
         prefixed_children},
    Kind{.name = "subscriptions",
         .what = "requests of 20 KB to a victim, one by each account",
         .say = large_subscription,
         .rounds = 1},
    Kind{.name = "half-stanzas", .what = "200 KB of a stanza that never ends", .say = half_a_stanza, .rounds = 1},
    Kind{.name = "half-logins",
         .what = "8 500 bytes of a login that never ends",
         .logs_in = false,
         .say = half_a_login,
         .rounds = 1},
    Kind{"stanzas", "short messages without end", true, short_message},
    Kind{.name = "slow-readers",
         .what = "large messages to itself, of which nothing is read",
         .say = large_message_to_itself,
         .rounds = 200,
         .reads = false},
    Kind{.name = "slow-writers",
         .what = "a login, one byte at a time",
         .logs_in = false,
         .say = wrong_login,
         .comes_again = true,
         .drips = true},
    Kind{.name = "resets",
         .what = "a RST in every state of a login",
         .logs_in = false,
         .say = part_of_a_life,
         .rounds = 1,
         .resets = true},
    Kind{.name = "listeners", .what = "logs in, and reads what comes", .say = nothing, .rounds = 1},
    Kind{.name = "half-open-websockets",
         .what = "a byte, a half or all of a request for a WebSocket, and nothing then",
         .logs_in = false,
         .say = part_of_an_upgrade,
         .rounds = 1,
         .has_stream = false},
    Kind{.name = "vanishing",
         .what = "sessions that can be resumed; at the end all of their clients vanish at once",
         .say = resumable_session,
         .rounds = 1,
         .vanishes = true},
    Kind{.name = "forged-resumptions",
         .what = "ids of sessions that are guessed, garbled, or of another user (FLOOD_PREVID)",
         .say = forged_resumption,
         .comes_again = true,
         .header = " version='1.0'",
         .by_sasl = true},
    Kind{.name = "other-logins",
         .what = "logins to other.localhost, again and again",
         .logs_in = false,
         .say = any_login,
         .rounds = 1,
         .comes_again = true,
         .header = " version='1.0'",
         .leaves = true,
         .domain = "other.localhost"},
    Kind{.name = "silent",
         .what = "connects, and says nothing",
         .logs_in = false,
         .say = nothing,
         .rounds = 1,
         .comes_again = true},
};

} // namespace

std::span<const Kind> all_kinds()
{
    return kinds;
}

const Kind *kind_called(std::string_view name)
{
    const auto found = std::ranges::find(kinds, name, &Kind::name);
    return found == kinds.end() ? nullptr : &*found;
}

} // namespace jabberd::chaos
