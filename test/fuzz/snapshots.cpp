// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/snapshots.h"

#include "handover/snapshot.h"

#include <array>
#include <cstring>

namespace jabberd::fuzz {

namespace {

// Stand for SSL objects.
std::array<char, 64> objects;

std::string some_text(Random &random)
{
    static constexpr std::array<std::string_view, 7> parts{
        "", "foo.com", "alice@foo.com/r", "\xC3\xA9", "<a b='c'/>", "\xF0\x9F\x98\x80&amp;", "5eed"};
    std::string text;
    for (auto i = random() % 4; i > 0; --i)
        text += parts[random() % parts.size()];
    return text;
}

std::string some_bytes(Random &random)
{
    std::string bytes(random() % 3 == 0 ? random() % 2000 : random() % 20, '\0');
    for (char &byte : bytes)
        byte = static_cast<char>(random());
    return bytes;
}

std::uint64_t some_number(Random &random)
{
    return random() % 3 == 0 ? 0 : (std::uint64_t{random()} << 32 | random()) >> random() % 64;
}

std::vector<std::string> some_texts(Random &random)
{
    std::vector<std::string> texts(random() % 4);
    for (std::string &text : texts)
        text = some_text(random);
    return texts;
}

void add_waiting(handover::ConnectionState &connection, Random &random)
{
    for (auto i = random() % 4; i > 0; --i)
        connection.queued.push_back({some_bytes(random), 0, some_text(random)});
    if (!connection.queued.empty())
        connection.queued[0].written = static_cast<std::uint32_t>(random() % (connection.queued[0].bytes.size() + 1));
    connection.held = some_texts(random);
    connection.early = some_texts(random);
    for (auto i = random() % 3; i > 0; --i) {
        connection.asked.push_back({1 + static_cast<std::uint32_t>(random() % 6), some_text(random), {}});
        if (random() % 2 == 0)
            connection.asked.back().client_id = some_text(random);
    }
    connection.asked_itself = some_texts(random);
    connection.relayed = some_texts(random);
    for (auto i = random() % 3; i > 0; --i)
        connection.offered.push_back({1 + static_cast<std::uint32_t>(random() % 2), some_text(random)});
}

handover::ConnectionState some_connection(Random &random)
{
    handover::ConnectionState connection;
    connection.client = some_text(random);
    connection.stream = static_cast<std::uint32_t>(random() % 4);
    connection.session = static_cast<std::uint32_t>(random() % 3);
    const bool open = connection.stream == 1 || connection.stream == 2;
    if (connection.session != 0 || open || random() % 2 == 0)
        connection.to = some_text(random);
    if (connection.session != 0)
        connection.identity = "alice@" + some_text(random);
    connection.exchange = connection.session == 2 ? 0 : static_cast<std::uint32_t>(random() % 3);
    connection.tls_direct = random() % 2 == 0;
    connection.ended = random() % 2 == 0;
    connection.handle = random() % 2 == 0;
    connection.wants_end = random() % 2 == 0;
    connection.translated = random() % 2 == 0;
    for (std::string *text : {&connection.stream_id, &connection.header, &connection.lang, &connection.alias,
                              &connection.info, &connection.mechanism, &connection.wishes})
        *text = some_text(random);
    connection.unfinished = some_bytes(random);
    connection.unread = some_bytes(random);
    add_waiting(connection, random);
    for (auto i = random() % 3; i > 0; --i)
        connection.tried.push_back(some_text(random));
    connection.failed = static_cast<std::uint32_t>(some_number(random));
    for (std::uint64_t *number :
         {&connection.since, &connection.last_read, &connection.last_write, &connection.give_up, &connection.answer_by,
          &connection.read_again, &connection.read_by, &connection.finish_by, &connection.bytes_in,
          &connection.bytes_out, &connection.stanzas_in, &connection.stanzas_out})
        *number = some_number(random);
    return connection;
}

std::string in_hexadecimal(std::size_t number)
{
    char digits[20];
    return {digits, static_cast<std::size_t>(std::snprintf(digits, sizeof digits, "%zx", number))};
}

} // namespace

handover::State some_state(Random &random)
{
    handover::State state;
    state.writer = some_text(random);
    state.host = some_text(random);
    while (state.host.find_first_of("/@") != std::string::npos || state.host.empty())
        state.host = some_text(random);
    state.next_token = 100;
    if (random() % 4 != 0)
        state.epoch = in_hexadecimal(random()); // an older version has none
    state.full = random() % 2 == 0;
    int fd = static_cast<int>(random() % 10);
    for (auto i = random() % 3; i > 0; --i)
        state.listeners.push_back({fd++, some_text(random), random() % 2 == 0, random() % 2 == 0});
    for (auto i = random() % 3; i > 0; --i)
        state.proxied.push_back({fd++, some_text(random), random() % 2 == 0, some_bytes(random), some_number(random)});
    for (std::size_t i = 0, count = random() % 5; i < count; ++i) {
        handover::ConnectionState connection = some_connection(random);
        connection.fd = fd++;
        connection.address = std::to_string(i * 7) + "@" + state.host + "/" + in_hexadecimal(random() % 100);
        if (random() % 2 == 0 && !state.epoch.empty())
            connection.address += "-" + state.epoch;
        if (connection.stream != 2 && random() % 2 == 0)
            connection.tls = &objects[i];
        state.connections.push_back(std::move(connection));
    }
    for (auto i = random() % 3; i > 0; --i)
        state.counters.emplace_back(some_text(random), some_number(random));
    state.answering = some_texts(random);
    if (random() % 2 == 0)
        state.returned.push_back(
            {some_number(random), some_number(random), static_cast<std::uint32_t>(some_number(random))});
    return state;
}

std::string snapshot_bytes(const handover::State &state)
{
    const handover::Snapshot snapshot{state};
    return {reinterpret_cast<const char *>(snapshot.abi().records), snapshot.abi().record_bytes};
}

std::string broken_snapshot(std::string bytes, Random &random)
{
    for (auto i = 1 + random() % 3; i > 0 && bytes.size() > 8; --i) {
        const std::size_t at = random() % (bytes.size() - 4);
        switch (random() % 6) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8); break;
        case 2: bytes.erase(at, 1 + random() % 16); break;
        case 3: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 64)); break;
        case 4: bytes.resize(at); break;
        default: {
            const auto number = static_cast<std::uint32_t>(random() % 4 == 0 ? random() : random() % 64);
            std::memcpy(bytes.data() + at, &number, sizeof number);
        }
        }
    }
    return bytes;
}

Failure survives_a_snapshot(const handover::State &state)
{
    const handover::Snapshot snapshot{state};
    const auto read = handover::read_snapshot(snapshot.abi());
    if (const std::string *refusal = std::get_if<std::string>(&read))
        return "refused: " + *refusal;
    if (std::get<handover::State>(read) != state)
        return "another state came back";
    return {};
}

Failure refused_or_understood(std::string_view bytes, std::size_t descriptors, std::size_t tokens)
{
    // Each in memory of its own size, so that a sanitizer sees a read beyond it.
    const std::vector<unsigned char> records{bytes.begin(), bytes.end()};
    std::vector<int> fds(descriptors);
    for (std::size_t i = 0; i < descriptors; ++i)
        fds[i] = static_cast<int>(i);
    std::vector<void *> all(std::min(tokens, objects.size()));
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = &objects[i];
    const jabberd_snapshot snapshot{sizeof snapshot, records.data(), records.size(), fds.data(),
                                    fds.size(),      all.data(),     all.size()};
    const auto read = handover::read_snapshot(snapshot);
    if (const std::string *refusal = std::get_if<std::string>(&read))
        return refusal->empty() ? Failure{"refused without a reason"} : Failure{};
    return survives_a_snapshot(std::get<handover::State>(read));
}

} // namespace jabberd::fuzz
