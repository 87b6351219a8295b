// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handover/snapshot.h"

namespace jabberd::handover {

namespace {

void wipe(std::string &text)
{
    explicit_bzero(text.data(), text.size());
    text.clear();
}

} // namespace

void wipe(State &state)
{
    for (ConnectionState &connection : state.connections) {
        for (std::string *text : {&connection.unfinished, &connection.unread, &connection.info})
            wipe(*text);
        for (ConnectionState::Piece &piece : connection.queued)
            wipe(piece.bytes);
        for (auto *packets : {&connection.held, &connection.early}) {
            for (std::string &packet : *packets)
                wipe(packet);
        }
        for (ConnectionState::Asked &asked : connection.asked)
            wipe(asked.nonce);
    }
}

} // namespace jabberd::handover
