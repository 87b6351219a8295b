// SPDX-License-Identifier: LGPL-2.1-or-later
// XEP-0198 with the server, for a client that does not use it: what the server is told has arrived is what was written
// to the client.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace jabberd::upstream {

// h of XEP-0198 §4 counts modulo 2^32.
class Acks {
public:
    enum class Mode : std::uint8_t {
        Undecided, // nothing has come of the client since it is bound
        None,      // the server does not have it
        Client,    // it is the client's own: its elements are relayed
        Asked,     // <enable/> is sent, and not answered
        Ours,
    };

    Mode mode = Mode::Undecided;

    bool ours() const { return mode == Mode::Ours; }

    // A stanza of the server is given to the socket manager.
    void delivered() { ++delivered_; }

    // The server wants to know, and asks no second time before it has an answer. Of many stanzas not each is answered
    // by itself: that would cost as much as the stanza.
    void owe() { owes_ = true; }
    bool owes() const { return owes_; }
    bool owes_many() const { return owes_ && delivered_ - last_asked_ >= most_unanswered; }

    // Now, or the end has come: the socket manager is asked how far the client is written.
    void ask()
    {
        owes_ = false;
        last_asked_ = delivered_;
        asked_.push_back(delivered_);
    }
    bool waiting() const { return !asked_.empty(); }

    // The socket manager has answered: h of the <a/> for the server.
    std::optional<std::uint32_t> written()
    {
        if (asked_.empty())
            return std::nullopt;
        const std::uint32_t h = asked_.front();
        asked_.pop_front();
        return h;
    }

    // A stanza has come back: the client is gone, and did not get it.
    void came_back() { ++came_back_; }

    // The last word: what has been delivered and did not come back. Stanzas are written in order, so it is the last
    // ones that come back.
    std::uint32_t last() const { return delivered_ - came_back_; }

    // As a value. What is owed is not in it: behind a swap every client is asked for.
    struct Value {
        std::uint32_t mode = 0, delivered = 0, came_back = 0;
        std::deque<std::uint32_t> asked{};
    };
    Value save() const { return {static_cast<std::uint32_t>(mode), delivered_, came_back_, asked_}; }
    void restore(const Value &value)
    {
        mode = static_cast<Mode>(value.mode);
        delivered_ = value.delivered;
        came_back_ = value.came_back;
        asked_ = value.asked;
    }

private:
    // MongooseIM ends a client that leaves 100 unanswered, by default; the others bear 500 and more.
    static constexpr std::uint32_t most_unanswered = 25;

    std::uint32_t delivered_ = 0, came_back_ = 0;
    std::uint32_t last_asked_ = 0; // delivered_ then
    bool owes_ = false;
    std::deque<std::uint32_t> asked_; // delivered_ at each question
};

} // namespace jabberd::upstream
