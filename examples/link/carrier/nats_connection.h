// SPDX-License-Identifier: LGPL-2.1-or-later
// A connection to a broker, as libnats has it. Nothing of libnats calls us: what comes is fetched, so that nothing can
// come to code that is not there any more.
#pragma once

#include "link/carrier/nats_options.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct __natsConnection;
struct __natsMsg;
struct __natsSubscription;

namespace jabberd::link {

// Why there is no connection.
class NatsError : public std::runtime_error {
public:
    NatsError(const std::string &why, bool refused) : runtime_error(why), refused_(refused) {}
    bool refused() const { return refused_; } // a person has to change something

private:
    bool refused_;
};

// What a process has published. It outlives the connection that it came by.
class NatsMessage {
public:
    NatsMessage() = default;
    explicit NatsMessage(__natsMsg *message) : message_(message) {}
    std::string_view bytes() const;

private:
    struct End {
        void operator()(__natsMsg *message) const;
    };
    std::unique_ptr<__natsMsg, End> message_;
};

// Read by one thread. Destroyed before its connection is.
class NatsSubscription {
public:
    enum class Next { Message, Nothing, NoResponders, Ended };

    NatsSubscription() = default;
    explicit NatsSubscription(__natsSubscription *subscription) : subscription_(subscription) {}

    // What comes next; waits for it, but returns when the connection ends.
    Next next(std::chrono::milliseconds patience, NatsMessage &message);
    explicit operator bool() const { return subscription_ != nullptr; }

private:
    struct End {
        void operator()(__natsSubscription *subscription) const;
    };
    std::unique_ptr<__natsSubscription, End> subscription_;
};

// One that is lost does not come back: another one is made. All but close() is one thread's.
class NatsConnection {
public:
    static bool available();    // whether this build has libnats
    static void leave_thread(); // [any-thread] the last that a thread does which has used one

    // Tries each server once, for up to half a second. Throws NatsError. `client` is what the broker calls us.
    NatsConnection(const NatsOptions &options, const std::string &client);

    // `limited`: of what is not fetched, the broker's library keeps no more than 65 536. Throws NatsError.
    NatsSubscription subscribe(const std::string &subject, bool limited);
    // The broker knows of all that was subscribed to. Throws NatsError.
    void flush();

    // Blocks for up to a second. False: the connection is lost. With `reply`, a subject, the broker says there when no
    // process listens at `subject`.
    bool publish(const std::string &subject, const std::string *reply, std::string_view message);

    void close(); // [any-thread] a thread that waits in next() of a subscription returns

    const std::string &server() const { return server_; }
    std::string error(); // what the broker has complained of, or why the connection has ended; or ""

private:
    struct End {
        void operator()(__natsConnection *connection) const;
    };
    std::unique_ptr<__natsConnection, End> connection_;
    std::string server_;
};

} // namespace jabberd::link
