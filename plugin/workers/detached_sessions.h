// SPDX-License-Identifier: LGPL-2.1-or-later
// The sessions of one event loop whose clients are gone, and what is remembered of those that were over before these
// came back.
#pragma once

#include "base/slots.h"
#include "connection/detached.h"
#include "connection/relief.h"
#include "connection/resumption.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace jabberd::workers {

using connection::Detached;

// Each is found by the slot that its connection had. Owns them.
class DetachedSessions {
public:
    // One that is over.
    struct Ended {
        SlotId id;
        connection::ResumptionKey key;
        std::uint32_t handled;
    };

    void insert(std::unique_ptr<Detached> session);
    Detached *find(SlotId id) const;
    std::unique_ptr<Detached> take(SlotId id); // null: there is none

    // It is over. It lives until the end of the turn, and how far its client got is remembered for a while.
    void retire(Detached &session);
    void destroy_retired() { retired_.clear(); }

    // How many stanzas had been handled of the one that was there, with this key; nothing: that is not known.
    std::optional<std::uint32_t> handled(SlotId id, const connection::ResumptionKey &key) const;

    // What is remembered.
    template <typename Visit>
    void for_each_ended(const Visit &visit) const
    {
        for (const Ended &ended : ended_)
            visit(ended);
    }
    void remember(const Ended &ended);

    std::vector<Detached *> holders(const connection::Relief &relief) const; // those with most first

    std::size_t size() const { return sessions_.size(); }

    // `visit` may retire any of them.
    template <typename Visit>
    void for_each(const Visit &visit) const
    {
        std::vector<Detached *> all;
        for (const auto &[index, session] : sessions_)
            all.push_back(session.get());
        for (Detached *session : all)
            visit(*session);
    }

private:
    static constexpr std::size_t most_remembered = 1024;

    std::unordered_map<std::uint32_t, std::unique_ptr<Detached>> sessions_; // by the index of its id
    std::vector<std::unique_ptr<Detached>> retired_;
    std::deque<Ended> ended_; // the oldest first
};

} // namespace jabberd::workers
