// SPDX-License-Identifier: LGPL-2.1-or-later
// A session whose client is gone, and may come back (XEP-0198 §5).
#pragma once

#include "base/slots.h"
#include "connection/conversation.h"
#include "connection/management.h"
#include "connection/status.h"
#include "connection/surroundings.h"
#include "event/timers.h"
#include "handover/state.h"
#include "net/socket_address.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace jabberd::connection {

// Its session manager goes on talking to it under the address of the connection that it had, and does not notice: there
// is a conversation, and nothing at its other end. Lives on the event loop of that connection. Small, for there may be
// more of them than clients: the conversation is kept as the records of a snapshot, and read for each packet, of which
// there are few; a queue is there only where something waits in it.
class Detached final : private event::Timer, private ClientStream {
public:
    SlotId id; // of its owner

    // A value that has no descriptor, from a connection or a predecessor. The surroundings are borrowed for life.
    // Throws std::runtime_error.
    Detached(Surroundings &around, const handover::ConnectionState &state);
    ~Detached() override;

    // While the loop does not run.
    handover::ConnectionState freeze() const;
    void wake();

    // What a connection is made of that has it again, together with its new client.
    handover::ConnectionState join(const handover::ConnectionState &client) const;

    // A packet that names it by its sto.
    void receive(const jabberd_packet &packet, bool canonical);
    void resume_host();

    // It is over: what the client has not got goes back to the session manager, behind the notice of its end.
    void end(std::string_view reason);

    // Whether the client that is logged in as that user, and has the key, may have it back.
    bool is_for(const ResumptionKey &key, std::string_view user, std::string_view host) const;
    const Management &management() const { return management_; }
    std::uint32_t handled() { return management_.handled(taken_ + kept_); }

    // A connection is being made for it: its time does not run out meanwhile.
    void claim() { cancel(); }
    void unclaim() { arm(); }

    void give_up_memory() { end("the clients of its address make us hold too much, and it most"); }
    void out_of_memory();
    std::size_t held() const { return accounted_; }
    std::size_t address_holds() const { return share_.memory.held(); }
    const net::SocketAddress &from() const override { return from_; }
    void show(const std::function<void(const Status &)> &see) const;

private:
    template <typename Work>
    void converse(const Work &work);
    void on_timer() override;
    void arm();
    void account();
    void keep(const Conversation &conversation);
    void be_over(Conversation &conversation, std::string_view reason);

    // for the conversation
    Surroundings &around() const override { return around_; }
    stream::StreamState state() const override;
    const Socket &socket() const override { return around_.no_socket; }
    bool over_websocket() const override { return false; }
    Time since() const override { return around_.now(); }
    void write_header(const xml::StreamHeader &, std::string_view, std::string_view) override {}
    void write(std::string_view) override {} // what is no stanza is not wanted back, either
    void write(const jabberd_packet &stanza, std::string_view sfrom) override;
    void ask_written(std::string_view sfrom) override;
    bool managed() const override { return true; }
    std::string enable(const stream::ManagementElement &) override { return {}; }
    std::string ask_resume(const stream::ManagementElement &) override { return {}; }
    void use(const xml::Rules &) override {}
    void wait() override {}
    void go_on() override {}
    void restart() override {}
    void start_tls() override {}
    void set_deadline(Deadline, Time) override {}
    void end(const stream::StreamError &error) override;

    Surroundings &around_;
    const net::SocketAddress from_;
    std::string frozen_;                   // the conversation
    Conversation *conversation_ = nullptr; // while there is something to it
    Management management_;
    std::uint32_t taken_ = 0, kept_ = 0; // stanzas of the client that the session manager was given; that wait for it
    Time resume_by_;
    net::AddressShare &share_;
    std::uint32_t accounted_ = 0;
    bool over_ = false;
};

} // namespace jabberd::connection
