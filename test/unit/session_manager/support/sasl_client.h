// SPDX-License-Identifier: LGPL-2.1-or-later
// A client that logs in with SASL, and the socket manager that speaks for it. Its side of the mechanisms is libgsasl's.
#pragma once

#include "support/server.h"

#include <gsasl.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::test {

inline constexpr std::string_view clear_text =
    "<connection xmlns='jabber:socket-manager:connection' address='192.0.2.7' port='40210'/>";

// The same, where the operator lets a password travel in the clear.
inline constexpr std::string_view clear_and_plain =
    "<connection xmlns='jabber:socket-manager:connection' address='192.0.2.7' port='40210' plain='yes'/>";

// The channel binding of a connection over TLS 1.3: type to plain bytes.
inline const std::map<std::string, std::string> exporter = {{"tls-exporter", std::string(32, '\x07')}};

// <connection/> over TLS, with these channel bindings.
std::string over_tls(const std::map<std::string, std::string> &bindings = {});

// What a client means to do; the defaults succeed.
struct SaslLogin {
    std::string mechanism = "SCRAM-SHA-256";
    std::string user = "alice";
    std::string password = "secret";
    std::string authzid;
    std::map<std::string, std::string> bindings; // of the channel, as the client sees it
    std::string connection_element = over_tls();
    bool sasl2 = false;
    std::string requests; // beside <initial-response/>, with SASL2
    bool speaks_first = true;
    bool prepares = true; // name and password, as libgsasl does; otherwise they are used as they are, without -PLUS
};

class SaslClient {
public:
    // From a new connection, unless it is given.
    SaslClient(Server &server, SaslLogin login, std::string connection = {});

    // The whole exchange. The last answer, canonical; a failed check of the server's own proof is a test failure.
    std::string logs_in();

    std::string begins();                        // <auth/> or <authenticate/>, and the answer
    std::string answers();                       // <response/> to the last challenge, and the answer
    std::string sends(std::string_view element); // with id, sto and sfrom put on it; and the answer
    std::string element(std::string_view name, std::string_view attributes, std::string_view body) const;
    std::string gets(); // the next packet
    const std::string &authenticated_as() const { return authenticated_as_; }
    const std::string &challenge() const { return challenge_; } // plain

    // An iq that a socket manager sends when the client is authenticated, and its answer.
    std::string asks(std::string_view type, std::string_view body);

    const std::string connection;

private:
    struct Closer {
        void operator()(Gsasl *handle) const { gsasl_done(handle); }
        void operator()(Gsasl_session *session) const { gsasl_finish(session); }
    };
    std::string step(std::string_view input);
    std::string step_unprepared(std::string_view input);

    Server &server_;
    const SaslLogin login_;
    std::unique_ptr<Gsasl, Closer> library_;
    std::unique_ptr<Gsasl_session, Closer> session_;
    std::string challenge_, authenticated_as_, name_;
    std::string first_message_, server_signature_; // of SCRAM, where nothing is prepared
    bool over_ = false;
};

// <failure/> as the profile writes it, canonical; sent by foo.com.
std::string failure(const SaslClient &client, std::string_view condition, bool sasl2 = false);

} // namespace jabberd::test
