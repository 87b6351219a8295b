// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets, made of their pieces.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace jabberd::link {

class Assembler {
public:
    enum class Result { Incomplete, Complete, Broken };

    // `packet` is borrowed from the piece, or from this until the next call of clear().
    Result add(std::string_view piece, bool goes_on, std::string_view &packet);

    void clear() { done_.clear(); }
    bool in_the_middle() const { return !partial_.empty(); }
    void forget_partial() { partial_.clear(); }
    const std::string &partial() const { return partial_; }
    void restore(std::string partial) { partial_ = std::move(partial); }

private:
    std::string partial_;
    std::deque<std::string> done_; // a deque: what has been lent stays where it is
};

} // namespace jabberd::link
