// SPDX-License-Identifier: LGPL-2.1-or-later
// The socket manager is swapped again and again while thousands of TLS clients talk, come and go, and none may notice.
// Prints `key value` lines; exit status 1 when somebody has noticed.
#include "swap/play.h"

#include <cstdio>
#include <exception>

int main(int argc, char **argv)
try {
    const auto options = jabberd::bench::parse_options(argc, argv);
    if (!options)
        return 2;
    jabberd::bench::Play play{*options};
    play.run();
    return play.report() ? 0 : 1;
} catch (const std::exception &problem) {
    std::fprintf(stderr, "swap: %s\n", problem.what());
    return 1;
}
