// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a section listens, and what comes first there.
#pragma once

#include "config/mistake_report.h"
#include "config/options.h"
#include "elements/element.h"

#include <cstdint>
#include <string_view>

namespace jabberd::config {

// Where a certificate is due, jabberd 1.6 names a port for nothing but TLS: its <tls port='5223'>address</tls> has no
// elements inside, and ours, <tls required='yes'><certificate/></tls>, has no port and no text.
bool is_listener(const elements::Element &tls);

// Of one section that is being read.
class Listeners {
public:
    Listeners(Options &options, MistakeReport &mistakes, bool classic)
        : options_(options), mistakes_(mistakes), classic_(classic)
    {
    }

    // Ours: <listen port='5222'>address</listen>, and 1.4's <ip port='5222'>address</ip> and <ssl
    // port='5223'>address</ssl>, which 1.6 calls <tls/>. 1.1's: <listen>5222</listen> or <listen>address:port</listen>.
    void read(const elements::Element &element, bool port_in_text);

    // <trusted>192.0.2.0/24</trusted>: proxies.
    void read_trusted(const elements::Element &element);

    // Once all of the section is read.
    void end(const jabberd_config &section);

private:
    void add(const jabberd_config &at, std::string_view address, const Listen &how, std::uint16_t port);
    void check_certificates();
    void check_proxies();
    void error(const jabberd_config &at, const std::string &message) { mistakes_.error(at, message); }

    Options &options_;
    MistakeReport &mistakes_;
    const bool classic_;
    const jabberd_config *first_direct_ = nullptr;  // the first listener for nothing but TLS
    const jabberd_config *first_proxied_ = nullptr; // the first for nothing but proxies
    const jabberd_config *first_trusted_ = nullptr;
};

} // namespace jabberd::config
