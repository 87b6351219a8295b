// SPDX-License-Identifier: LGPL-2.1-or-later
// What an operator is told of a connection: how it is, and in the log who, what, why.
#include "connection/connection.h"

#include <chrono>
#include <string>
#include <string_view>

namespace jabberd::connection {

namespace {

constexpr char proxy_hint[] = "; it began with a PROXY header, which is read once, and only where <listen/> has "
                              "proxy='required'";

} // namespace

std::string Connection::carrier(const std::string &of) const
{
    if (messages_ == nullptr || !messages_->is_open())
        return of;
    return of.empty() ? "websocket" : "websocket " + of;
}

std::string Connection::who() const
{
    const std::string at = carrier(from_.to_string());
    return conversation_.bound() ? std::string{conversation_.sto()} + " (" + at + ")" : at;
}

Status Connection::status() const
{
    return {address(),
            conversation_.sto(),
            from_,
            conversation_.bound(),
            since_,
            incoming_.last_read(),
            incoming_.bytes(),
            outgoing_.bytes(),
            incoming_.stanzas(),
            outgoing_.stanzas(),
            outgoing_.size(),
            carrier(socket_.security()),
            std::nullopt};
}

Census Connection::census() const
{
    return {conversation_.bound(), socket_.tls() != nullptr, over_websocket(), outgoing_.size()};
}

// `count`: of its address, since the last line like this.
void Connection::log_slowed(std::uint64_t count)
{
    const std::string_view what = incoming_.too_fast(options().limits);
    around_.host().log(
        JABBERD_LOG_NOTICE,
        who() + " sends more " + std::string{what} + " a second than it may, and is read more slowly (" +
            std::to_string(count) + " times at its address since the last line like this)",
        {{"SESSION", conversation_.sto()}, {"CONNECTION", address()}, {"CLIENT", from_.to_string()}, {"REASON", what}});
}

void Connection::log_end(std::string_view reason)
{
    const bool bound = conversation_.bound();
    const std::string client = from_.to_string();
    const std::string why = std::string{reason} + (has_proxy_header_ ? proxy_hint : "");
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(around_.now() - since_);
    around_.host().log(JABBERD_LOG_INFO, who() + (bound ? " disconnected: " : " disconnected before login: ") + why,
                       {{"SESSION", conversation_.sto()},
                        {"CONNECTION", address()},
                        {"CLIENT", client},
                        {"REASON", why},
                        {"BYTES_IN", std::to_string(incoming_.bytes())},
                        {"BYTES_OUT", std::to_string(outgoing_.bytes())},
                        {"STANZAS_IN", std::to_string(incoming_.stanzas())},
                        {"STANZAS_OUT", std::to_string(outgoing_.stanzas())},
                        {"SECONDS", std::to_string(age.count())}});
}

} // namespace jabberd::connection
