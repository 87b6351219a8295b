// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/counters.h"

#include <cstddef>

namespace jabberd::connection {

namespace {

void for_each_number(DurationHistogram &times, const std::string &name,
                     const std::function<void(const std::string &name, Tally &tally)> &visit)
{
    const auto numbers = times.numbers();
    const auto limits = times.bounds();
    for (std::size_t i = 0; i < limits.size(); ++i)
        visit(name + " up to us " + std::to_string(limits[i].count()), numbers[i]);
    visit(name + " longer", numbers[limits.size()]);
    visit(name + " sum ns", numbers.back());
}

} // namespace

void for_each_kept(Counters &counters, const std::function<void(const std::string &name, Tally &tally)> &visit)
{
    for (const auto &[name, tally] : tallies)
        visit(std::string{name}, counters.*tally);
    for (std::size_t i = 0; i < counters.logins_by.size(); ++i) {
        const std::string mechanism{session::counted_mechanisms[i]};
        visit("logins by " + mechanism, counters.logins_by[i].accepted);
        visit("logins refused by " + mechanism, counters.logins_by[i].refused);
    }
    for_each_number(counters.login_time, "time to login", visit);
    for_each_number(counters.deliver_time, "time in deliver", visit);
}

} // namespace jabberd::connection
