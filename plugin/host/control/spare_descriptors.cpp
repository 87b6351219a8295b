// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/control/spare_descriptors.h"

namespace jabberd::host {

void SpareDescriptors::give_up()
{
    for (UniqueFd &one : held_)
        one.reset();
}

bool SpareDescriptors::take()
{
    for (UniqueFd &one : held_) {
        if (!one)
            one = at_or_above(0, UniqueFd{open("/dev/null", O_RDONLY | O_CLOEXEC)});
        if (!one)
            return false;
    }
    return true;
}

} // namespace jabberd::host
