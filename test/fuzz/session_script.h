// SPDX-License-Identifier: LGPL-2.1-or-later
// What clients ask of a session manager, as a script that any bytes are.
#pragma once

#include "fuzz/properties.h"

#include "base/owned_packet.h"

namespace jabberd::fuzz {

inline constexpr std::size_t seats = 8; // connections that a script speaks for at a time

// Accounts that are there before a script begins, and their passwords.
inline constexpr std::string_view accounts[] = {"alice@foo.com", "bob@foo.com"};
inline constexpr std::string_view secrets[] = {"pa55-of-alice", "pa55-of-bob", "pa55-of-nobody"};

// What a line asks for. The packet has no sto, sfrom and id yet.
struct Asked {
    OwnedPacket packet;
    std::string secret;               // the password that is in it, "": none
    std::vector<std::string> written; // each way in which it is written there
    enum class Use { None, Proof, Account } use = Use::None;
};

// A line is a seat, a verb, an sto and what the verb takes, each one character; behind a blank comes text of its own.
// `sessions` are those that the script has had until now. Nothing when no packet can be made of it.
struct Line {
    std::size_t seat; // `seats`: another host speaks, in no session
    bool waits;       // the next line comes when all is done that this one causes
    char verb, sto;
    std::string_view choices, rest;

    explicit Line(std::string_view text);
};

// `connected_to` is the sto that a socket manager puts on what the seat sends.
std::string chosen_sto(const Line &line, const std::string &connected_to, const std::vector<std::string> &sessions);
std::optional<Asked> asked_by(const Line &line, const std::string &connected_to,
                              const std::vector<std::string> &sessions);

// A script that mostly makes sense.
std::string some_script(Random &random);

} // namespace jabberd::fuzz
