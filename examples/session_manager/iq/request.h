// SPDX-License-Identifier: LGPL-2.1-or-later
// An iq get or set that we answer ourselves, and the functions that do.
#pragma once

#include "session_manager/base/jid.h"
#include "session_manager/iq/answer.h"

#include <libxml/tree.h>

namespace jabberd::session_manager::iq {

// Whom the iq asks; a handler says which of them it answers for.
enum Scope : unsigned {
    HostScope = 1,  // the host itself
    OwnScope = 2,   // the sender's account: addressed to it, or without a to
    OtherScope = 4, // another user's account
};

// Borrowed for the call.
struct Request {
    const jabberd_packet &packet; // `from` is stamped
    const xmlNode *payload;       // the packet's only child
    Scope scope;
    bool set; // otherwise get
    Jid from;
    Jid to; // of OwnScope: the account
};

// Called without a lock, on the thread that brought the packet: must not block.
using Handler = void (*)(Core &core, const Request &request, const Answer &answer);

// Answers the iq by the table of handlers (iq/table.cpp), with service-unavailable when there is none.
void dispatch(Core &core, const jabberd_packet &packet, Scope scope, const Jid &from, const Jid &to);

// The namespaces that the table answers in a scope, as <feature/> elements; for the host, those of its accounts as
// well.
std::string features(Scope scope);

void ping(Core &core, const Request &request, const Answer &answer);
void session_establishment(Core &core, const Request &request, const Answer &answer);
void disco_info(Core &core, const Request &request, const Answer &answer);
void disco_items(Core &core, const Request &request, const Answer &answer);
void version(Core &core, const Request &request, const Answer &answer);
void time(Core &core, const Request &request, const Answer &answer);
void legacy_time(Core &core, const Request &request, const Answer &answer);
void roster(Core &core, const Request &request, const Answer &answer);
void blocklist(Core &core, const Request &request, const Answer &answer);
void block(Core &core, const Request &request, const Answer &answer);
void unblock(Core &core, const Request &request, const Answer &answer);
void enable_carbons(Core &core, const Request &request, const Answer &answer);
void disable_carbons(Core &core, const Request &request, const Answer &answer);
void vcard(Core &core, const Request &request, const Answer &answer);
void private_xml(Core &core, const Request &request, const Answer &answer);
void registration(Core &core, const Request &request, const Answer &answer);

} // namespace jabberd::session_manager::iq
