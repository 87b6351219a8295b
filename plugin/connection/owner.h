// SPDX-License-Identifier: LGPL-2.1-or-later
// Who owns the connections of an event loop.
#pragma once

namespace jabberd::connection {

class Connection;
struct Relief;

class Owner {
public:
    // Calls flush() at the end of the turn.
    virtual void flush_later(Connection &connection) = 0;

    // Calls take_turn() in the next turn, and in those that follow until it has had one.
    virtual void next_turn(Connection &connection) = 0;

    // Destroys it at the end of the turn. It is found under its address no more.
    virtual void retire(Connection &connection) = 0;

    // [any thread] Has its connections give up memory, soon. Then one less is Shared::relieving.
    virtual void give_up_memory(const Relief &relief) = 0;

protected:
    ~Owner() = default;
};

} // namespace jabberd::connection
