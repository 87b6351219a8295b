// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/unique_fd.h"
#include "host/log/log.h"
#include "host/swap/successor.h"
#include "host/text/locale.h"
#include "options.h"
#include "program.h"

#include <glib.h>
#include <unistd.h>

#include <chrono>

namespace {

constexpr std::chrono::milliseconds last_words{
    1000}; // to the reader of the log; the host has stopped, and keeps no client waiting

}

int main(int argc, char **argv)
{
    using namespace jabberd::host;

    jabberd::occupy_standard_descriptors();
    use_characters_of_locale();
    const auto options = parse_options(argc, argv);
    if (!options)
        return 2;
    if (options->version) {
        g_print("jabberd-host " SOCKET_MANAGER_VERSION ", component ABI %u.%u\n", JABBERD_ABI_MAJOR, JABBERD_ABI_MINOR);
        return 0;
    }
    log::start();
    const int status = Program{*options}.run();
    log::finish(last_words);
    if (any_successor_is_late())
        _exit(status); // a thread is in code that exit() would take apart
    return status;
}
