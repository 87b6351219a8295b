// SPDX-License-Identifier: LGPL-2.1-or-later
// What goes to the broker and what comes from it: threads that may wait for it, and bounded queues between them and the
// loop's thread, which may not.
#pragma once

#include "event/loop.h"
#include "link/carrier/nats_connection.h"
#include "link/carrier/nats_subjects.h"
#include "link/carrier/retries.h"

#include <jabberd/log.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace jabberd::link {

// The way to one peer. Shared by the loop's thread and the one that publishes.
struct NatsWay {
    NatsWay(const NatsSubjects &subjects, std::string peer)
        : name(std::move(peer)), inbox(subjects.inbox(name)), absence(subjects.absence(name))
    {
    }

    const std::string name, inbox, absence; // the latter two are subjects
    std::atomic<std::size_t> queued{0};     // bytes on their way to the broker
};

class NatsExchange {
public:
    struct Outgoing {
        std::shared_ptr<NatsWay> way; // null: to all
        std::string message;
        bool asks = false; // whether a process listens at the other end
    };

    enum class Stage { Down, Connected, Listening }; // at our inbox
    // What has happened since it was asked last; in each list the oldest first.
    struct News {
        Stage stage = Stage::Down;    // now
        std::uint64_t connection = 0; // how many there have been
        std::string server;           // while there is one
        std::string why;              // while there is none
        std::vector<NatsMessage> inbox, all;
        std::vector<std::string> absent; // names of peers that do not listen, as the broker says
        std::vector<std::pair<jabberd_log_level, std::string>> lines;
        std::size_t inbox_bytes = 0;
    };

    // [main] Connects at once, in a thread of its own, and does so again whenever the connection is lost.
    NatsExchange(NatsOptions options, std::string own_name);
    ~NatsExchange(); // waits for what the broker is waited for: up to a second or two
    NatsExchange(const NatsExchange &) = delete;
    NatsExchange &operator=(const NatsExchange &) = delete;

    const NatsSubjects &subjects() const { return subjects_; }

    // [any-thread] Whether it is to be subscribed to our inbox.
    void listen(bool listens);
    // [any-thread] Blocks until it is, or for so long.
    void wait_until_it_listens(std::chrono::milliseconds patience);

    // [main, loop] From here on `tell` is called on the loop's thread when there are news or room. Both are borrowed
    // until detach().
    void attach(event::Loop &loop, std::function<void()> tell);
    void detach();

    News take();                               // [loop]
    void publish(std::vector<Outgoing> batch); // [loop]; what has no connection is lost

private:
    struct Session; // one connection and what is subscribed to

    void run();
    void connect();
    void serve(Session &session);
    void subscribe(Session &session);
    void read_inbox(Session &session);
    void poll(Session &session);
    void send(Session &session, std::vector<Outgoing> &batch);
    void say(jabberd_log_level level, const std::string &line);
    void pause();
    template <typename Change>
    void tell(const Change &change);

    const NatsOptions options_;
    const std::string own_name_;
    const NatsSubjects subjects_;

    std::mutex mutex_; // for all that follows but the threads
    std::condition_variable wake_, listening_;
    bool stops_ = false, listens_ = false, lost_ = false;
    std::vector<Outgoing> out_;
    News news_;
    bool told_ = false; // a task is on its way to the loop
    event::Loop *loop_ = nullptr;
    std::function<void()> tell_;

    std::string last_line_; // [its thread]
    Retries retries_;       // [its thread]
    Duration pause_{};      // before the next try. [its thread]
    std::thread thread_;
};

} // namespace jabberd::link
