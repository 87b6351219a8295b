// SPDX-License-Identifier: LGPL-2.1-or-later
// From bytes to State: the sequence, and what must hold between its records.
#include "handover/decode.h"

#include "handover/snapshot.h"

#include <tuple>

namespace jabberd::handover {

namespace {

constexpr std::uint32_t known_version = 1;

class SequenceReader {
public:
    explicit SequenceReader(const jabberd_snapshot &snapshot) : snapshot_{snapshot}, resources_{snapshot} {}

    State read()
    {
        check_struct();
        RecordReader records{{reinterpret_cast<const char *>(snapshot_.records), snapshot_.record_bytes}};
        read_begin(records);
        std::uint64_t before = 1;
        for (;;) {
            const auto record = records.next();
            if (!record)
                throw Refusal("it has no end");
            if (record->tag == JABBERD_SNAPSHOT_END) {
                if (read_u32(record->value) != before)
                    throw Refusal("it has " + std::to_string(before) + " records, and its end says " +
                                  std::to_string(read_u32(record->value)));
                break;
            }
            ++before;
            read_record(*record);
        }
        if (!records.at_end())
            throw Refusal("something follows its end");
        once_.must_have(JABBERD_SNAPSHOT_HOST, "host");
        once_.must_have(JABBERD_SNAPSHOT_NEXT_TOKEN, "next token");
        check_addresses();
        resources_.must_be_used_up();
        return std::move(state_);
    }

private:
    void check_struct() const
    {
        if (!JABBERD_HAS(&snapshot_, token_count))
            throw Refusal("its struct is too small");
        if ((snapshot_.records == nullptr && snapshot_.record_bytes > 0) ||
            (snapshot_.descriptors == nullptr && snapshot_.descriptor_count > 0) ||
            (snapshot_.tokens == nullptr && snapshot_.token_count > 0))
            throw Refusal("its struct promises what is not there");
    }

    void read_begin(RecordReader &records)
    {
        const auto begin = records.next();
        if (!begin || begin->tag != JABBERD_SNAPSHOT_BEGIN)
            throw Refusal("it has no beginning");
        once_.note(begin->tag);
        if (const std::uint32_t version = read_u32(begin->value); version != known_version)
            throw Refusal("it is of version " + std::to_string(version) + ", and this reads version " +
                          std::to_string(known_version));
    }

    void read_record(const Record &record)
    {
        switch (record.tag) {
        case JABBERD_SNAPSHOT_LISTENER:
            return in("listener", state_.listeners.size() + 1,
                      [&] { state_.listeners.push_back(read_listener(record.value, resources_)); });
        case JABBERD_SNAPSHOT_CONNECTION:
            return in("connection", state_.connections.size() + 1,
                      [&] { state_.connections.push_back(read_connection(record.value, resources_)); });
        case JABBERD_SNAPSHOT_COUNTER: return in("counter", state_.counters.size() + 1, [&] { read_counter(record); });
        case JABBERD_SNAPSHOT_RETURNED:
            return in("returned packet", state_.returned.size() + 1, [&] { read_returned(record); });
        default: return read_single(record);
        }
    }

    template <typename Read>
    static void in(const char *what, std::size_t number, Read read)
    {
        try {
            read();
        } catch (const Refusal &refusal) {
            throw Refusal(std::string{what} + " " + std::to_string(number) + ": " + refusal.what());
        }
    }

    void read_epoch(std::string_view value)
    {
        state_.epoch = read_text(value);
        if (!state_.epoch.empty() && !is_epoch(state_.epoch))
            throw Refusal("it is not of 1 to 32 lower-case letters and digits");
    }

    void read_counter(const Record &record)
    {
        Value value{record.value};
        const std::uint64_t sum = value.u64();
        state_.counters.emplace_back(read_text(value.rest()), sum);
    }

    void read_returned(const Record &record)
    {
        Value value{record.value};
        const std::uint64_t key = value.u64(), since = value.u64();
        state_.returned.push_back({key, since, value.u32()});
        value.end();
    }

    void read_single(const Record &record)
    {
        const auto once = [&](const char *what, auto read) {
            try {
                once_.note(record.tag);
                read();
            } catch (const Refusal &refusal) {
                throw Refusal(std::string{what} + ": " + refusal.what());
            }
        };
        switch (record.tag) {
        case JABBERD_SNAPSHOT_BEGIN: return once("the beginning", [] {});
        case JABBERD_SNAPSHOT_WRITER: return once("the writer", [&] { state_.writer = read_text(record.value); });
        case JABBERD_SNAPSHOT_HOST: return once("the host", [&] { state_.host = read_text(record.value); });
        case JABBERD_SNAPSHOT_NEXT_TOKEN:
            return once("the next token", [&] { state_.next_token = read_u32(record.value); });
        case JABBERD_SNAPSHOT_EPOCH: return once("the epoch", [&] { read_epoch(record.value); });
        case JABBERD_SNAPSHOT_FULL:
            return once("whether the host is full", [&] { state_.full = read_truth(record.value); });
        default: skip_unknown(record.tag);
        }
    }

    // Only here is all known that they are compared with: records come in any order.
    void check_addresses() const
    {
        std::set<std::tuple<std::uint32_t, std::uint32_t, std::string_view>> seen;
        std::size_t number = 0;
        for (const ConnectionState &connection : state_.connections) {
            in("connection", ++number, [&] {
                const ConnectionAddress address = read_address(connection.address);
                if (address.host != state_.host)
                    throw Refusal("its address is of another host, " + connection.address);
                if (!address.epoch.empty() && address.epoch != state_.epoch)
                    throw Refusal("its address is of another epoch, " + connection.address);
                if (address.number >= state_.next_token)
                    throw Refusal("its address has a token that is still to be given to others, " + connection.address);
                if (!seen.emplace(address.id, address.number, address.epoch).second)
                    throw Refusal("another one has its address, " + connection.address);
            });
        }
    }

    const jabberd_snapshot &snapshot_;
    Resources resources_;
    Once once_;
    State state_;
};

} // namespace

int Resources::descriptor(std::string_view value)
{
    const std::uint32_t index = read_u32(value);
    if (index >= snapshot_.descriptor_count)
        throw Refusal("there is no descriptor of index " + std::to_string(index));
    const int fd = snapshot_.descriptors[index];
    if (fd < 0)
        throw Refusal("the descriptor of index " + std::to_string(index) + " is none");
    if (!descriptors_.insert(fd).second)
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
    if (!tokens_.insert(token).second)
        throw Refusal("the token of index " + std::to_string(index) + " is somebody else's, too");
    return token;
}

void Resources::must_be_used_up() const
{
    if (descriptors_.size() != snapshot_.descriptor_count)
        throw Refusal("it has descriptors that no record names");
    if (tokens_.size() != snapshot_.token_count)
        throw Refusal("it has tokens that no record names");
}

ListenerState read_listener(std::string_view records, Resources &resources)
{
    ListenerState listener;
    Once once;
    RecordReader reader{records};
    while (const auto record = reader.next()) {
        const auto &[tag, value] = *record;
        switch (tag) {
        case JABBERD_LISTENER_DESCRIPTOR:
            once.note(tag);
            listener.fd = resources.descriptor(value);
            break;
        case JABBERD_LISTENER_CONFIGURED:
            once.note(tag);
            listener.configured = read_text(value);
            break;
        case JABBERD_LISTENER_DIRECT_TLS:
            once.note(tag);
            listener.direct_tls = read_truth(value);
            break;
        default: skip_unknown(tag);
        }
    }
    once.must_have(JABBERD_LISTENER_DESCRIPTOR, "descriptor");
    once.must_have(JABBERD_LISTENER_CONFIGURED, "configured address");
    return listener;
}

std::variant<State, std::string> read_snapshot(const jabberd_snapshot &snapshot)
{
    try {
        return SequenceReader{snapshot}.read();
    } catch (const Refusal &refusal) {
        return std::string{refusal.what()};
    }
}

} // namespace jabberd::handover
