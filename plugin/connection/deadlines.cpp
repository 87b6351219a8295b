// SPDX-License-Identifier: LGPL-2.1-or-later
#include "connection/deadlines.h"

#include "connection/snapshot_values.h"

namespace jabberd::connection {

void Deadlines::save(handover::ConnectionState &state) const
{
    state.give_up = nanoseconds((*this)[Deadline::End]);
    state.answer_by = nanoseconds((*this)[Deadline::Features]);
    state.finish_by = nanoseconds((*this)[Deadline::Element]);
    state.read_by = nanoseconds((*this)[Deadline::Progress]);
    state.read_again = nanoseconds((*this)[Deadline::Throttle]);
}

void Deadlines::restore(const handover::ConnectionState &state)
{
    set(Deadline::End, time_of(state.give_up));
    set(Deadline::Features, time_of(state.answer_by));
    set(Deadline::Element, state.unfinished.empty() ? never : time_of(state.finish_by));
    set(Deadline::Progress, time_of(state.read_by));
    set(Deadline::Throttle, time_of(state.read_again));
}

} // namespace jabberd::connection
