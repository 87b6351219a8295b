// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/nats_connection.h"

#include "link/frame/frame.h"

#include <nats/nats.h>

#include <dlfcn.h>

#include <algorithm>
#include <array>

namespace jabberd::link {

namespace {

constexpr std::int64_t patience_ms = 1'000;
constexpr std::int64_t connect_ms =
    500; // a first packet that is lost is sent again after 1 s; a new try is sooner there
constexpr int ping_every_ms = 1'000, pings_out = 2; // so that a broker that hangs is noticed within 3 s
constexpr int no_limit = -1;

// libnats has threads of its own, and no way to end them that is right here: nats_CloseAndWait() ends them for all
// users in the process, and during a swap two builds of this file are there. Unmapped under its threads it would end
// the process. So it stays, once it is there, as OpenSSL and GLib do.
void keep_libnats_loaded()
{
    Dl_info found{};
    if (::dladdr(reinterpret_cast<void *>(&natsConnection_Connect), &found) != 0)
        ::dlopen(found.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

std::string last_error(natsStatus status)
{
    const char *text = nats_GetLastError(nullptr);
    const std::string_view said = text == nullptr ? "" : text; // "(conn.c:1905): Authorization Violation"
    const std::size_t place = said.starts_with('(') ? said.find("): ") : said.npos;
    const std::string_view plain = place == said.npos ? said : said.substr(place + 3);
    return plain.empty() ? natsStatus_GetText(status) : std::string{plain};
}

[[noreturn]] void fail(natsStatus status)
{
    throw NatsError(last_error(status), status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED ||
                                            status == NATS_INVALID_ARG);
}

void check(natsStatus status)
{
    if (status != NATS_OK)
        fail(status);
}

struct OptionsEnd {
    void operator()(natsOptions *options) const { natsOptions_Destroy(options); }
};
using Options = std::unique_ptr<natsOptions, OptionsEnd>;

Options library_options(const NatsOptions &options, const std::string &client)
{
    natsOptions *made = nullptr;
    check(natsOptions_Create(&made));
    Options to{made};
    std::vector<const char *> servers;
    for (const std::string &server : options.servers)
        servers.push_back(server.c_str());
    check(natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size())));
    check(natsOptions_SetName(made, client.c_str()));
    if (!options.user.empty())
        check(natsOptions_SetUserInfo(made, options.user.c_str(), options.password.c_str()));
    if (!options.credentials.empty())
        check(natsOptions_SetUserCredentialsFromFiles(made, options.credentials.c_str(), nullptr));
    check(natsOptions_SetTimeout(made, connect_ms));
    check(natsOptions_SetWriteDeadline(made, patience_ms));
    check(natsOptions_SetPingInterval(made, ping_every_ms));
    check(natsOptions_SetMaxPingsOut(made, pings_out));
    // When libnats connects again by itself it publishes before it is subscribed, and what is answered meanwhile is
    // lost. A new connection can be subscribed first.
    check(natsOptions_SetAllowReconnect(made, false));
    check(natsOptions_SetSendAsap(made, true)); // a frame is a batch already
    check(natsOptions_SetIgnoreDiscoveredServers(made, true));
    return to;
}

} // namespace

bool NatsConnection::available()
{
    return true;
}

void NatsConnection::leave_thread()
{
    nats_ReleaseThreadMemory();
}

void NatsConnection::End::operator()(natsConnection *connection) const
{
    natsConnection_Destroy(connection);
}

void NatsMessage::End::operator()(natsMsg *message) const
{
    natsMsg_Destroy(message);
}

std::string_view NatsMessage::bytes() const
{
    if (message_ == nullptr)
        return {};
    return {natsMsg_GetData(message_.get()),
            static_cast<std::size_t>(std::max(natsMsg_GetDataLength(message_.get()), 0))};
}

void NatsSubscription::End::operator()(natsSubscription *subscription) const
{
    natsSubscription_Destroy(subscription);
}

NatsSubscription::Next NatsSubscription::next(std::chrono::milliseconds patience, NatsMessage &message)
{
    natsMsg *got = nullptr;
    switch (natsSubscription_NextMsg(&got, subscription_.get(), patience.count())) {
    case NATS_OK: break;
    case NATS_TIMEOUT:
    case NATS_SLOW_CONSUMER: return Next::Nothing; // it has lost some; so may a net
    case NATS_NO_RESPONDERS: return Next::NoResponders;
    default: return Next::Ended;
    }
    message = NatsMessage{got};
    return Next::Message;
}

NatsConnection::NatsConnection(const NatsOptions &options, const std::string &client)
{
    keep_libnats_loaded();
    const Options made = library_options(options, client);
    natsConnection *connection = nullptr;
    check(natsConnection_Connect(&connection, made.get()));
    connection_.reset(connection);
    std::array<char, 256> url{};
    natsConnection_GetConnectedUrl(connection, url.data(), url.size());
    server_ = url.data();
    server_.erase(0, server_.find("://") == std::string::npos ? 0 : server_.find("://") + 3);
    server_.erase(0, server_.find('@') + 1); // a name and a password are for no log
    if (natsConnection_GetMaxPayload(connection) < static_cast<std::int64_t>(max_frame))
        throw NatsError("it takes no message of " + std::to_string(max_frame) + " bytes (max_payload)", true);
}

NatsSubscription NatsConnection::subscribe(const std::string &subject, bool limited)
{
    natsSubscription *subscription = nullptr;
    check(natsConnection_SubscribeSync(&subscription, connection_.get(), subject.c_str()));
    NatsSubscription made{subscription};
    if (!limited)
        check(natsSubscription_SetPendingLimits(subscription, no_limit, no_limit));
    return made;
}

void NatsConnection::flush()
{
    check(natsConnection_FlushTimeout(connection_.get(), patience_ms));
    if (const std::string complaint = error(); !complaint.empty())
        throw NatsError(complaint, true);
}

bool NatsConnection::publish(const std::string &subject, const std::string *reply, std::string_view message)
{
    const int size = static_cast<int>(message.size());
    const natsStatus status =
        reply == nullptr
            ? natsConnection_Publish(connection_.get(), subject.c_str(), message.data(), size)
            : natsConnection_PublishRequest(connection_.get(), subject.c_str(), reply->c_str(), message.data(), size);
    return status == NATS_OK;
}

void NatsConnection::close()
{
    natsConnection_Close(connection_.get());
}

std::string NatsConnection::error()
{
    const char *text = nullptr;
    const natsStatus status = natsConnection_GetLastError(connection_.get(), &text);
    if (text != nullptr && *text != '\0')
        return text;
    return status == NATS_OK ? "" : natsStatus_GetText(status);
}

} // namespace jabberd::link
