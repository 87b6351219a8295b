// SPDX-License-Identifier: LGPL-2.1-or-later
// The stanza that a worker is giving to the host just now.
#pragma once

#include "base/view.h"
#include "packet/stanza_rules.h"
#include "xml/stanza.h"

#include <algorithm>
#include <string_view>

namespace jabberd::connection {

// A session manager in the same process answers a message by delivering it to the other client before our own deliver()
// returns, with its children untouched: the same bytes in the same place. Those we have written ourselves a moment ago,
// so they are canonical, and need not be read a second time. Each worker has one, for its own thread; not a
// thread_local, whose block would outlive our image in every thread that has asked.
class Passing {
public:
    // For the time of a deliver().
    class Scope {
    public:
        Scope(Passing &passing, const xml::Stanza &stanza) : passing_(passing), before_(passing.current_)
        {
            passing_.current_ = &stanza;
        }
        ~Scope() { passing_.current_ = before_; }
        Scope(const Scope &) = delete;
        Scope &operator=(const Scope &) = delete;

    private:
        Passing &passing_;
        const xml::Stanza *before_;
    };

    // True when element name and body are those of the stanza, and nothing else is in the packet but fields that can be
    // written as they are. Anything unusual is for the parser.
    bool is(const jabberd_packet &packet) const
    {
        if (current_ == nullptr || packet::carries_510(*current_) || packet.attribute_count != 0 ||
            present(packet.xmlns))
            return false;
        const jabberd_packet &own = current_->packet;
        for (const auto field : {&jabberd_packet::to, &jabberd_packet::from, &jabberd_packet::id, &jabberd_packet::type,
                                 &jabberd_packet::lang}) {
            if (!is_in_place(packet.*field, own.*field) && !is_printable_ascii(text(packet.*field)))
                return false;
        }
        return is_in_place(packet.body, own.body) && text(packet.name) == text(own.name) && !present(own.xmlns);
    }

private:
    static bool is_in_place(const jabberd_view &part, const jabberd_view &own)
    {
        return part.data == own.data && part.size == own.size;
    }
    static bool is_printable_ascii(std::string_view text)
    {
        return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
    }

    const xml::Stanza *current_ = nullptr;
};

} // namespace jabberd::connection
