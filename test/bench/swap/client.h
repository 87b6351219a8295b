// SPDX-License-Identifier: LGPL-2.1-or-later
// A client of the server: logs in by SASL PLAIN and binds, sends and gets numbered messages, and leaves. It can be told
// to wait in the middle of that.
#pragma once

#include "swap/inbox.h"
#include "swap/times.h"
#include "swap/wire.h"

#include <cstdint>
#include <string>

namespace jabberd::bench {

class Client {
public:
    // Where it waits, until let_go(), on its way in.
    enum class Wait { Nowhere, HalfHello, BeforeFinished, HalfHeader, MidSasl, BeforeBind };
    enum class Step { Handshake, Header, Registration, Challenge, Success, NewHeader, Bind, In, Leaving, Left };

    struct Identity {
        std::string user, resource;
        bool registers = false; // makes its account first
    };
    Client(std::uint16_t port, Identity who, Wait wait = Wait::Nowhere, bool small_window = false);

    int fd() const { return wire_.fd(); }
    bool is_in() const { return step_ == Step::In; }
    bool has_left() const { return step_ == Step::Left; } // as it wanted to
    bool is_waiting() const { return waiting_; }
    bool is_lost() const { return !why_lost_.empty(); } // the server closed, or said what it must not
    const std::string &why_lost() const { return why_lost_; }
    std::string explain() const; // what it is doing
    bool kept_its_exporter() const { return wire_.is_tls_1_3() && wire_.exporter() == exporter_; }

    // To be called when its socket is ready.
    void on_ready(Times &times);
    void let_go(Times &times);
    void leave();

    // A message to the partner; `stamp` 0: not timed. With `size` bytes of padding.
    std::string compose(Time::rep stamp, std::size_t size);
    void say(std::string_view bytes);
    Wire &wire() { return wire_; }

    void talk_to(const std::string &address);
    const std::string &address() const { return address_; } // once it is in: the server may have chosen the resource
    const Identity &who() const { return who_; }
    const Inbox &inbox() const { return inbox_; }
    std::uint64_t sent() const { return sent_; }

    bool is_reading = true; // a slow one does not

private:
    void go_on(Times &times);
    bool take_step(); // true: another may be possible
    void take_messages(Times &times);
    bool wait_at(Wait where);
    bool take(std::string_view awaited); // drops all up to its end
    void ask_for(const std::string &name, const std::string &what);

    Identity who_;
    Wait wait_;
    Wire wire_;
    Step step_ = Step::Handshake;
    bool waiting_ = false;
    std::string exporter_, address_, before_number_, why_lost_;
    std::uint64_t sent_ = 0;
    Inbox inbox_;
};

} // namespace jabberd::bench
