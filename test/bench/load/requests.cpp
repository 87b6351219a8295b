// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load/requests.h"

#include "load/measured.h"

#include <climits>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace jabberd::bench {

namespace {

constexpr double share_to_warm_up = 0.1; // until every buffer has its size

std::chrono::nanoseconds time_of(double seconds)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>{seconds});
}

} // namespace

void answer_requests(const Options &given)
{
    Options options = given;
    Crowd crowd{options};
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words{line};
        std::string what;
        unsigned number = 0;
        double time = 0;
        words >> what >> number;
        const bool is_login = what == "login" || what == "scram";
        if (!is_login)
            words >> time;
        if (!words || number == 0 || (is_login ? number <= crowd.size() : crowd.size() < options.pairs * 2))
            throw std::runtime_error("this is no request, or not now: " + line);
        if (is_login) {
            options.sasl = what == "scram" ? Sasl::Scram : given.sasl;
            measure_logins(options, crowd, number);
        } else if (what == "talk") {
            Chat chat{crowd, options};
            chat.exchange(number, UINT_MAX, time_of(time * share_to_warm_up));
            measure_exchange(options, chat, [&] { return chat.exchange(number, UINT_MAX, time_of(time)); });
        } else if (what == "rate") {
            Chat chat{crowd, options};
            const double messages = number * time;
            chat.exchange_at_rate(number, static_cast<unsigned>(messages * share_to_warm_up) + 1);
            measure_exchange(options, chat,
                             [&] { return chat.exchange_at_rate(number, static_cast<unsigned>(messages) + 1); });
        } else {
            throw std::runtime_error("this is no request: " + line);
        }
        std::printf("\n");
        std::fflush(stdout);
    }
}

} // namespace jabberd::bench
