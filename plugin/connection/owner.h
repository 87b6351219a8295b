// SPDX-License-Identifier: LGPL-2.1-or-later
// Who owns the connections of an event loop, and the sessions that wait for one.
#pragma once

#include "connection/resumption.h"

#include <cstdint>
#include <memory>
#include <string>

namespace jabberd::connection {

class Connection;
class Detached;
struct Relief;

class Owner {
public:
    // Calls flush() at the end of the turn.
    virtual void flush_later(Connection &connection) = 0;

    // Calls take_turn() in the next turn, and in those that follow until it has had one.
    virtual void next_turn(Connection &connection) = 0;

    // Destroys it at the end of the turn. It is found under its address no more.
    virtual void retire(Connection &connection) = 0;
    virtual void retire(Detached &session) = 0;

    // Its session goes on without it, found under its address; the connection gets another id, and an address that is
    // returned. When it throws std::bad_alloc nothing has changed.
    virtual std::string detach(Connection &connection, std::unique_ptr<Detached> session) = 0;

    // The client has asked for the session of that id, of whose stanzas it has `h`. The answer is
    // Connection::answer_resume(), in another turn.
    virtual void resume(Connection &connection, const ResumptionId &id, std::uint32_t h) = 0;

    // [any thread] Has its connections give up memory, soon. Then one less is Shared::relieving.
    virtual void give_up_memory(const Relief &relief) = 0;

protected:
    ~Owner() = default;
};

} // namespace jabberd::connection
