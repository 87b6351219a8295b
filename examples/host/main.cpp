// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/unique_fd.h"
#include "host/log/log.h"
#include "options.h"
#include "program.h"

#include <glib.h>

int main(int argc, char **argv)
{
    using namespace jabberd::host;

    jabberd::occupy_standard_descriptors();
    const auto options = parse_options(argc, argv);
    if (!options)
        return 2;
    if (options->version) {
        g_print("jabberd-host " SOCKET_MANAGER_VERSION ", component ABI %u.%u\n", JABBERD_ABI_MAJOR, JABBERD_ABI_MINOR);
        return 0;
    }
    log::start();
    return Program{*options}.run();
}
