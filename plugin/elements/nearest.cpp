// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/nearest.h"

#include <algorithm>
#include <numeric>

namespace jabberd::elements {

namespace {

constexpr std::size_t longest = 64; // of what an operator could have meant

// As a name is remembered: without case, "_" for "-".
std::string folded(std::string_view name)
{
    std::string out{name};
    for (char &c : out) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
        if (c == '_')
            c = '-';
    }
    return out;
}

// Letters to add, leave out, change, or exchange with their neighbour (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(now);
    }
    return last[b.size()];
}

bool is_part(std::string_view part, std::string_view whole)
{
    return part.size() >= 3 && whole.find(part) != std::string_view::npos;
}

} // namespace

std::string nearest(std::string_view name, const std::vector<std::string> &known)
{
    if (name.size() > longest)
        return "";
    const std::string wanted = folded(name);
    std::string best;
    std::size_t best_distance = SIZE_MAX;
    for (const std::string &candidate : known) {
        const std::string other = folded(candidate);
        const std::size_t away = distance(wanted, other);
        const bool near =
            away <= std::max(wanted.size(), other.size()) / 3 || is_part(wanted, other) || is_part(other, wanted);
        if (near && away < best_distance) {
            best = candidate;
            best_distance = away;
        }
    }
    return best;
}

} // namespace jabberd::elements
