// SPDX-License-Identifier: LGPL-2.1-or-later
// From bytes to State: the sequence, and what must hold between its records.
#include "base/connection_address.h"
#include "handover/snapshot.h"
#include "handover/table_io.h"
#include "handover/tables.h"

#include <jabberd/snapshot.h>

#include <algorithm>
#include <iterator>
#include <tuple>

namespace jabberd::handover {

namespace {

void check_struct(const jabberd_snapshot &snapshot)
{
    if (!JABBERD_HAS(&snapshot, token_count))
        throw Refusal("its struct is too small");
    if ((snapshot.records == nullptr && snapshot.record_bytes > 0) ||
        (snapshot.descriptors == nullptr && snapshot.descriptor_count > 0) ||
        (snapshot.tokens == nullptr && snapshot.token_count > 0))
        throw Refusal("its struct promises what is not there");
}

void read_begin(RecordReader &records)
{
    const auto begin = records.next();
    if (!begin || begin->tag != JABBERD_SNAPSHOT_BEGIN)
        throw Refusal("it has no beginning");
    if (const std::uint32_t version = read_u32(begin->value); version != snapshot_version)
        throw Refusal("it is of version " + std::to_string(version) + ", and this reads version " +
                      std::to_string(snapshot_version));
}

void check_end(const Record &end, std::uint64_t before, const RecordReader &records)
{
    if (const std::uint32_t said = read_u32(end.value); said != before)
        throw Refusal("it has " + std::to_string(before) + " records, and its end says " + std::to_string(said));
    if (!records.at_end())
        throw Refusal("something follows its end");
}

ConnectionAddress parse_address(const std::string &address)
{
    if (const auto parts = parse_connection_address(address))
        return *parts;
    throw Refusal("its address is not <id>@<host>/<token>");
}

ConnectionAddress address_among(const ConnectionState &connection, const State &state)
{
    const ConnectionAddress address = parse_address(connection.address);
    if (address.host != state.host)
        throw Refusal("its address is of another host, " + connection.address);
    if (!address.epoch.empty() && address.epoch != state.epoch)
        throw Refusal("its address is of another epoch, " + connection.address);
    if (address.number >= state.next_token)
        throw Refusal("its address has a token that is still to be given to others, " + connection.address);
    return address;
}

Refusal refusal_of(std::size_t connection, const std::string &why)
{
    return Refusal("connection " + std::to_string(connection + 1) + ": " + why);
}

// Only at the end all is known that they are compared with: records come in any order.
void check_addresses(const State &state)
{
    std::vector<std::tuple<std::uint32_t, std::uint32_t, std::string_view, std::size_t>> seen; // with its connection
    seen.reserve(state.connections.size());
    for (std::size_t i = 0; i < state.connections.size(); ++i) {
        try {
            const ConnectionAddress address = address_among(state.connections[i], state);
            seen.emplace_back(address.id, address.number, address.epoch, i);
        } catch (const Refusal &refusal) {
            throw refusal_of(i, refusal.what());
        }
    }
    std::ranges::sort(seen);
    const auto same = std::ranges::adjacent_find(seen, [](const auto &one, const auto &other) {
        const auto &[id, number, epoch, connection] = one;
        return std::tie(id, number, epoch) == std::tie(std::get<0>(other), std::get<1>(other), std::get<2>(other));
    });
    if (same != seen.end()) {
        const std::size_t second = std::get<3>(*std::next(same));
        throw refusal_of(second, "another one has its address, " + state.connections[second].address);
    }
}

// As many as a snapshot of so many bytes can have: what is wrong with it is found when it is read.
std::size_t count_connections(RecordReader records)
{
    constexpr std::size_t fewest_bytes = 3 * 2 * sizeof(std::uint32_t); // the heads of what each must have
    std::size_t count = 0;
    try {
        while (const auto record = records.next())
            count += record->tag == JABBERD_SNAPSHOT_CONNECTION && record->value.size() > fewest_bytes;
    } catch (const Refusal &) {
        return count;
    }
    return count;
}

State read(const jabberd_snapshot &snapshot)
{
    check_struct(snapshot);
    RecordReader records{{reinterpret_cast<const char *>(snapshot.records), snapshot.record_bytes}};
    read_begin(records);
    State state;
    state.connections.reserve(count_connections(records));
    Resources resources{snapshot};
    FieldReader<State> fields{state_fields(), resources, state};
    for (std::uint64_t before = 1;; ++before) {
        const auto record = records.next();
        if (!record)
            throw Refusal("it has no end");
        if (record->tag == JABBERD_SNAPSHOT_END) {
            check_end(*record, before, records);
            break;
        }
        if (record->tag == JABBERD_SNAPSHOT_BEGIN)
            throw Refusal("the beginning: there are two of it");
        try {
            fields.read(*record);
        } catch (const Refusal &refusal) {
            const std::string subject = fields.subject(record->tag);
            throw Refusal(subject + (subject.empty() ? "" : ": ") + refusal.what());
        }
    }
    fields.end();
    check_addresses(state);
    resources.must_be_used_up();
    return state;
}

} // namespace

int Resources::descriptor(std::string_view value)
{
    const std::uint32_t index = read_u32(value);
    if (index >= snapshot_.descriptor_count)
        throw Refusal("there is no descriptor of index " + std::to_string(index));
    const int fd = snapshot_.descriptors[index];
    if (fd < 0)
        throw Refusal("the descriptor of index " + std::to_string(index) + " is none");
    if (!descriptors_.take(fd))
        throw Refusal("the descriptor " + std::to_string(fd) + " is somebody else's, too");
    return fd;
}

void *Resources::token(std::string_view value)
{
    const std::uint32_t index = read_u32(value);
    if (index >= snapshot_.token_count)
        throw Refusal("there is no token of index " + std::to_string(index));
    void *const token = snapshot_.tokens[index];
    if (token == nullptr)
        throw Refusal("the token of index " + std::to_string(index) + " is none");
    if (!tokens_.take(token))
        throw Refusal("the token of index " + std::to_string(index) + " is somebody else's, too");
    return token;
}

void Resources::must_be_used_up() const
{
    if (!descriptors_.all())
        throw Refusal("it has descriptors that no record names");
    if (!tokens_.all())
        throw Refusal("it has tokens that no record names");
}

ConnectionState connection_of(std::string_view records)
{
    ConnectionState connection;
    Resources none{{}};
    read_fields(connection_fields(), none, records, connection);
    return connection;
}

std::variant<State, std::string> read_snapshot(const jabberd_snapshot &snapshot)
{
    try {
        return read(snapshot);
    } catch (const Refusal &refusal) {
        return std::string{refusal.what()};
    }
}

} // namespace jabberd::handover
