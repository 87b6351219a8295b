// SPDX-License-Identifier: LGPL-2.1-or-later
// In place of nats_connection.cpp, in a build without libnats: nothing of this is called.
#include "link/carrier/nats_connection.h"

namespace jabberd::link {

bool NatsConnection::available()
{
    return false;
}

void NatsConnection::leave_thread()
{
}

void NatsConnection::End::operator()(__natsConnection *) const
{
}

void NatsMessage::End::operator()(__natsMsg *) const
{
}

std::string_view NatsMessage::bytes() const
{
    return {};
}

void NatsSubscription::End::operator()(__natsSubscription *) const
{
}

NatsSubscription::Next NatsSubscription::next(std::chrono::milliseconds, NatsMessage &)
{
    return Next::Ended;
}

NatsConnection::NatsConnection(const NatsOptions &, const std::string &)
{
    throw NatsError("this link.so was built without libnats", true);
}

NatsSubscription NatsConnection::subscribe(const std::string &, bool)
{
    return {};
}

void NatsConnection::flush()
{
}

bool NatsConnection::publish(const std::string &, const std::string *, std::string_view)
{
    return false;
}

void NatsConnection::close()
{
}

std::string NatsConnection::error()
{
    return {};
}

} // namespace jabberd::link
