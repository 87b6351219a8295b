// SPDX-License-Identifier: LGPL-2.1-or-later
// From State to bytes. What is 0 or empty is left out.
#include "handover/snapshot.h"

namespace jabberd::handover {

namespace {

constexpr std::uint32_t format_version = 1;

class Optional {
public:
    explicit Optional(RecordWriter &writer) : writer_{writer} {}

    void text(std::uint32_t tag, std::string_view value)
    {
        if (!value.empty())
            writer_.text(tag, value);
    }

    void u32(std::uint32_t tag, std::uint32_t value)
    {
        if (value != 0)
            writer_.u32(tag, value);
    }

    void u64(std::uint32_t tag, std::uint64_t value)
    {
        if (value != 0)
            writer_.u64(tag, value);
    }

    void pair(std::uint32_t tag, std::uint64_t in, std::uint64_t out)
    {
        if (in == 0 && out == 0)
            return;
        writer_.open(tag);
        writer_.part(in);
        writer_.part(out);
        writer_.close();
    }

private:
    RecordWriter &writer_;
};

void add_waiting(RecordWriter &writer, const ConnectionState &connection)
{
    for (const ConnectionState::Piece &piece : connection.queued) {
        writer.open(JABBERD_CONNECTION_QUEUED);
        writer.part(piece.written);
        writer.sized_part(piece.sfrom);
        writer.part(piece.bytes);
        writer.close();
    }
    for (const std::string &packet : connection.held)
        writer.text(JABBERD_CONNECTION_HELD, packet);
    for (const std::string &packet : connection.early)
        writer.text(JABBERD_CONNECTION_EARLY, packet);
    for (const ConnectionState::Asked &asked : connection.asked) {
        writer.open(JABBERD_CONNECTION_ASKED);
        writer.part(asked.kind);
        writer.part(std::uint32_t{asked.client_id.has_value()});
        writer.sized_part(asked.nonce);
        writer.part(asked.client_id.value_or(""));
        writer.close();
    }
    for (const std::string &id : connection.asked_itself)
        writer.text(JABBERD_CONNECTION_ASKED_ITSELF, id);
    for (const ConnectionState::Mechanism &mechanism : connection.offered) {
        writer.open(JABBERD_CONNECTION_OFFERED);
        writer.part(mechanism.profile);
        writer.part(mechanism.name);
        writer.close();
    }
}

} // namespace

std::uint32_t Snapshot::index_of(int fd)
{
    descriptors_.push_back(fd);
    return static_cast<std::uint32_t>(descriptors_.size() - 1);
}

std::uint32_t Snapshot::index_of(void *token)
{
    tokens_.push_back(token);
    return static_cast<std::uint32_t>(tokens_.size() - 1);
}

void Snapshot::add(const ListenerState &listener)
{
    writer_.open(JABBERD_SNAPSHOT_LISTENER);
    writer_.u32(JABBERD_LISTENER_DESCRIPTOR, index_of(listener.fd));
    writer_.text(JABBERD_LISTENER_CONFIGURED, listener.configured);
    Optional{writer_}.u32(JABBERD_LISTENER_DIRECT_TLS, listener.direct_tls);
    writer_.close();
}

void Snapshot::add(const ConnectionState &connection)
{
    Optional optional{writer_};
    writer_.open(JABBERD_SNAPSHOT_CONNECTION);
    writer_.text(JABBERD_CONNECTION_ADDRESS, connection.address);
    writer_.u32(JABBERD_CONNECTION_DESCRIPTOR, index_of(connection.fd));
    writer_.text(JABBERD_CONNECTION_CLIENT, connection.client);
    if (connection.tls != nullptr)
        writer_.u32(JABBERD_CONNECTION_TLS, index_of(connection.tls));
    optional.u32(JABBERD_CONNECTION_TLS_DIRECT, connection.tls_direct);
    optional.u32(JABBERD_CONNECTION_STREAM, connection.stream);
    optional.u32(JABBERD_CONNECTION_SESSION, connection.session);
    if (connection.to)
        writer_.text(JABBERD_CONNECTION_TO, *connection.to);
    optional.text(JABBERD_CONNECTION_ALIAS, connection.alias);
    optional.text(JABBERD_CONNECTION_IDENTITY, connection.identity);
    optional.u32(JABBERD_CONNECTION_ENDED, connection.ended);
    optional.text(JABBERD_CONNECTION_STREAM_ID, connection.stream_id);
    optional.text(JABBERD_CONNECTION_HEADER, connection.header);
    optional.text(JABBERD_CONNECTION_LANG, connection.lang);
    optional.text(JABBERD_CONNECTION_UNFINISHED, connection.unfinished);
    optional.text(JABBERD_CONNECTION_UNREAD, connection.unread);
    add_waiting(writer_, connection);
    optional.text(JABBERD_CONNECTION_INFO, connection.info);
    optional.u32(JABBERD_CONNECTION_EXCHANGE, connection.exchange);
    optional.u32(JABBERD_CONNECTION_TRANSLATED, connection.translated);
    optional.u32(JABBERD_CONNECTION_FAILED, connection.failed);
    optional.text(JABBERD_CONNECTION_MECHANISM, connection.mechanism);
    for (const std::string &name : connection.tried)
        writer_.text(JABBERD_CONNECTION_TRIED, name);
    optional.u64(JABBERD_CONNECTION_SINCE, connection.since);
    optional.u64(JABBERD_CONNECTION_LAST_READ, connection.last_read);
    optional.u64(JABBERD_CONNECTION_LAST_WRITE, connection.last_write);
    optional.u64(JABBERD_CONNECTION_GIVE_UP, connection.give_up);
    optional.u64(JABBERD_CONNECTION_ANSWER_BY, connection.answer_by);
    optional.u64(JABBERD_CONNECTION_READ_AGAIN, connection.read_again);
    optional.u64(JABBERD_CONNECTION_FINISH_BY, connection.finish_by);
    optional.u64(JABBERD_CONNECTION_READ_BY, connection.read_by);
    optional.pair(JABBERD_CONNECTION_BYTES, connection.bytes_in, connection.bytes_out);
    optional.pair(JABBERD_CONNECTION_STANZAS, connection.stanzas_in, connection.stanzas_out);
    writer_.close();
}

Snapshot::Snapshot(const State &state)
{
    writer_.u32(JABBERD_SNAPSHOT_BEGIN, format_version);
    Optional{writer_}.text(JABBERD_SNAPSHOT_WRITER, state.writer);
    writer_.text(JABBERD_SNAPSHOT_HOST, state.host);
    writer_.u32(JABBERD_SNAPSHOT_NEXT_TOKEN, state.next_token);
    Optional{writer_}.text(JABBERD_SNAPSHOT_EPOCH, state.epoch);
    Optional{writer_}.u32(JABBERD_SNAPSHOT_FULL, state.full);
    for (const ListenerState &listener : state.listeners)
        add(listener);
    for (const ConnectionState &connection : state.connections)
        add(connection);
    for (const auto &[name, sum] : state.counters) {
        writer_.open(JABBERD_SNAPSHOT_COUNTER);
        writer_.part(sum);
        writer_.part(name);
        writer_.close();
    }
    for (const ReturnedState &packet : state.returned) {
        writer_.open(JABBERD_SNAPSHOT_RETURNED);
        writer_.part(packet.key);
        writer_.part(packet.since);
        writer_.part(packet.count);
        writer_.close();
    }
    const std::size_t before = 3 + !state.writer.empty() + !state.epoch.empty() + state.full + state.listeners.size() +
                               state.connections.size() + state.counters.size() + state.returned.size();
    writer_.u32(JABBERD_SNAPSHOT_END, static_cast<std::uint32_t>(before));

    abi_.size = sizeof abi_;
    abi_.records = writer_.bytes().data();
    abi_.record_bytes = writer_.bytes().size();
    abi_.descriptors = descriptors_.data();
    abi_.descriptor_count = descriptors_.size();
    abi_.tokens = tokens_.data();
    abi_.token_count = tokens_.size();
}

} // namespace jabberd::handover
