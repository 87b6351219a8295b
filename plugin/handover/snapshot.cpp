// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handover/snapshot.h"

#include "base/secret.h"

namespace jabberd::handover {

void wipe(State &state)
{
    for (ConnectionState &connection : state.connections) {
        for (std::string *text : {&connection.unfinished, &connection.unread, &connection.info})
            jabberd::wipe(*text);
        for (ConnectionState::Piece &piece : connection.queued)
            jabberd::wipe(piece.bytes);
        for (auto *packets : {&connection.held, &connection.early}) {
            for (std::string &packet : *packets)
                jabberd::wipe(packet);
        }
        for (ConnectionState::Asked &asked : connection.asked)
            jabberd::wipe(asked.nonce);
    }
}

} // namespace jabberd::handover
