// SPDX-License-Identifier: LGPL-2.1-or-later
// A table of fields at work: a state to records, and back.
#pragma once

#include "handover/fields.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jabberd::handover {

template <typename State>
void write_fields(std::span<const Field<State>> fields, Writing &to, const State &state)
{
    for (const Field<State> &field : fields)
        field.write(to, field.tag, state, field.presence);
}

// Reads the records of one state, in any order.
template <typename State>
class FieldReader {
public:
    FieldReader(std::span<const Field<State>> fields, Resources &resources, State &state)
        : fields_{fields}, resources_{resources}, state_{state}, counts_(fields.size())
    {
    }

    // Skips a record that is not known here, or throws Refusal when it must not be skipped.
    void read(const Record &record)
    {
        const auto field = std::ranges::find(fields_, record.tag, &Field<State>::tag);
        if (field == fields_.end())
            return skip_unknown(record.tag);
        if (count(*field)++ > 0 && field->presence != Presence::Repeated)
            throw Refusal("there are two of it");
        field->read(resources_, record.value, state_);
    }

    // What a refusal of the last record of that tag is about: "the host", "connection 3".
    std::string subject(std::uint32_t tag)
    {
        const auto field = std::ranges::find(fields_, tag, &Field<State>::tag);
        if (field == fields_.end())
            return {};
        return field->presence == Presence::Repeated ? field->name + (" " + std::to_string(count(*field)))
                                                     : std::string{"the "} + field->name;
    }

    // Throws Refusal when a required one was not among them.
    void end()
    {
        for (const Field<State> &field : fields_) {
            if (field.presence == Presence::Required && count(field) == 0)
                throw Refusal(std::string{"it has no "} + field.name);
        }
    }

private:
    std::size_t &count(const Field<State> &field) { return counts_[static_cast<std::size_t>(&field - fields_.data())]; }

    std::span<const Field<State>> fields_;
    Resources &resources_;
    State &state_;
    std::vector<std::size_t> counts_;
};

template <typename State>
void read_fields(std::span<const Field<State>> fields, Resources &resources, std::string_view records, State &state)
{
    FieldReader<State> into{fields, resources, state};
    RecordReader reader{records};
    while (const auto record = reader.next())
        into.read(*record);
    into.end();
}

template <typename State>
void wipe_fields(std::span<const Field<State>> fields, State &state)
{
    for (const Field<State> &field : fields) {
        if (field.wipe != nullptr)
            field.wipe(state);
    }
}

} // namespace jabberd::handover
