// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/peer/reordered.h"

#include <iterator>
#include <utility>

namespace jabberd::link {

bool Reordered::keep(const Frame &frame)
{
    const auto next = kept_.lower_bound(frame.first);
    if (next != kept_.end() && next->first < frame.first + frame.count)
        return false;
    if (next != kept_.begin()) {
        const Kept &before = std::prev(next)->second;
        if (before.first + before.count > frame.first)
            return false;
    }
    kept_.emplace_hint(next, frame.first, Kept{frame.first, frame.count, std::string{frame.pieces}});
    bytes_ += frame.pieces.size();
    return true;
}

std::optional<Reordered::Kept> Reordered::take(std::uint64_t piece)
{
    if (kept_.empty() || kept_.begin()->first > piece)
        return std::nullopt;
    Kept kept = std::move(kept_.extract(kept_.begin()).mapped());
    bytes_ -= kept.pieces.size();
    return kept;
}

std::vector<Gap> Reordered::gaps(std::uint64_t received) const
{
    std::vector<Gap> gaps;
    std::uint64_t before = received;
    for (const auto &[first, kept] : kept_) {
        if (first == before + 1 && !gaps.empty())
            gaps.back().there += kept.count;
        else if (gaps.size() == max_gaps)
            break;
        else
            gaps.push_back({static_cast<std::uint32_t>(first - before - 1), kept.count});
        before = first + kept.count - 1;
    }
    return gaps;
}

} // namespace jabberd::link
