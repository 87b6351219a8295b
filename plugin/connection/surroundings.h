// SPDX-License-Identifier: LGPL-2.1-or-later
// All that a connection knows of the world around it.
#pragma once

#include "config/options.h"
#include "connection/counters.h"
#include "connection/owner.h"
#include "connection/passing.h"
#include "connection/shared.h"
#include "connection/socket.h"
#include "connection/turn.h"
#include "event/loop.h"
#include "net/queue_pool.h"
#include "session/offers.h"
#include "tls/certificates.h"
#include "tls/records.h"
#include "tls/tls_transport.h"
#include "xml/parser_pool.h"

#include <memory>
#include <span>
#include <vector>

namespace jabberd::connection {

// Of one event loop; belongs to its thread.
struct Surroundings {
    Surroundings(Shared &shared_, event::Loop &loop_, Owner &owner_, std::shared_ptr<const config::Options> options_,
                 std::shared_ptr<const tls::Certificates> certificates_, unsigned number = 0)
        : shared(shared_)
        , loop(loop_)
        , owner(owner_)
        , options(std::move(options_))
        , certificates(std::move(certificates_))
        , turn(shared.clock, number)
        , read_buffer(tls::TlsTransport::enough_for_records)
    {
    }

    HostLink &host() const { return shared.host; }
    Time now() const { return loop.now(); }
    bool tls_required() const { return certificates != nullptr && options->tls.required; }

    Shared &shared;
    event::Loop &loop;
    Owner &owner;
    std::shared_ptr<const config::Options> options;        // a reload replaces them
    std::shared_ptr<const tls::Certificates> certificates; // of handshakes to come; null: no TLS
    Counters counters;                                     // read by any thread
    Turn turn;
    xml::ParserPool parsers;
    net::QueuePool queues;
    session::Offers offers;
    Passing passing;
    std::vector<char> read_buffer;
    tls::Records records;
    const Socket no_socket; // of sessions without a client
};

} // namespace jabberd::connection
