// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/offline_messages.h"

#include "base/view.h"

namespace jabberd::session_manager {

namespace {

jabberd_view optional_view(const std::optional<std::string> &value)
{
    return value ? view(*value) : jabberd_view{};
}

constexpr std::size_t frame_bytes = 512; // tags, names of attributes, and the delay elements

std::size_t length(const std::optional<std::string> &value)
{
    return value ? value->size() : 0;
}

std::int64_t only_number(Rows rows)
{
    rows.next();
    return rows.integer(0);
}

} // namespace

jabberd_packet OfflineMessage::packet() const
{
    jabberd_packet packet{};
    packet.size = sizeof packet;
    packet.name = view("message");
    packet.from = optional_view(sender);
    packet.to = optional_view(recipient);
    packet.id = optional_view(stanza_id);
    packet.type = optional_view(type);
    packet.lang = optional_view(lang);
    packet.body = view(body);
    return packet;
}

std::size_t OfflineMessage::bytes() const
{
    return frame_bytes + length(sender) + length(recipient) + length(stanza_id) + length(type) + length(lang) +
           body.size();
}

OfflineMessages::OfflineMessages(Database &database)
    : add_(database, "INSERT INTO offline (account, sender, recipient, stanza_id, type, lang, body) SELECT id, ?2, ?3, "
                     "?4, ?5, ?6, ?7 FROM accounts WHERE address=?1")
    , load_(database, "SELECT id, sender, recipient, stanza_id, type, lang, body FROM offline WHERE account=(SELECT id "
                      "FROM accounts WHERE address=?1) ORDER BY id")
    , remove_(database, "DELETE FROM offline WHERE account=(SELECT id FROM accounts WHERE address=?1) AND id<=?2")
    , backlog_(database, "SELECT count(*), coalesce(sum(length(CAST(body AS BLOB)) + length(CAST(coalesce(sender, '') "
                         "|| coalesce(recipient, '') || coalesce(stanza_id, '')"
                         " || coalesce(type, '') || coalesce(lang, '') AS BLOB))), 0) FROM offline WHERE "
                         "account=(SELECT id FROM accounts WHERE address=?1)")
    , count_all_(database, "SELECT count(*) FROM offline")
{
}

void OfflineMessages::add(std::string_view address, const OfflineMessage &message)
{
    add_.run(address, message.sender, message.recipient, message.stanza_id, message.type, message.lang, message.body);
}

std::vector<OfflineMessage> OfflineMessages::load(std::string_view address)
{
    std::vector<OfflineMessage> messages;
    Rows rows = load_.query(address);
    while (rows.next()) {
        messages.push_back({rows.integer(0), rows.optional_text(1), rows.optional_text(2), rows.optional_text(3),
                            rows.optional_text(4), rows.optional_text(5), std::string{rows.text(6)}});
    }
    return messages;
}

void OfflineMessages::remove_through(std::string_view address, std::int64_t number)
{
    remove_.run(address, number);
}

Backlog OfflineMessages::backlog(std::string_view address)
{
    Rows rows = backlog_.query(address);
    rows.next();
    const auto messages = static_cast<std::size_t>(rows.integer(0));
    return {messages, static_cast<std::size_t>(rows.integer(1)) + messages * frame_bytes};
}

std::int64_t OfflineMessages::count()
{
    return only_number(count_all_.query());
}

} // namespace jabberd::session_manager
