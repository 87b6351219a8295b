// SPDX-License-Identifier: LGPL-2.1-or-later
// One run of a mechanism, SCRAM by libgsasl; no other file knows that library.
#pragma once

#include "base/secret.h"
#include "session_manager/accounts/credentials.h"
#include "session_manager/sasl/mechanisms.h"
#include "session_manager/sasl/profile.h"

#include <gsasl.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::session_manager {

class SaslLibrary {
public:
    SaslLibrary(); // throws when there is no memory
    Gsasl *handle() const { return handle_.get(); }

private:
    struct Closer {
        void operator()(Gsasl *handle) const { gsasl_done(handle); }
    };
    std::unique_ptr<Gsasl, Closer> handle_;
};

// What a step has come to.
struct SaslStep {
    enum class Kind {
        Challenge, // the client has to answer
        Proven,    // the client is who it says
        Password,  // the client has sent a password, which is to be checked elsewhere: that takes time
        Failed,
    };
    Kind kind = Kind::Failed;
    std::string output; // for the client: the challenge, or what goes with success
    SaslFailure failure = SaslFailure::NotAuthorized;
    std::string_view detail = {}; // for the log, where `failure` does not tell what happened
};

// One thread at a time; the same one for all runs.
class Mechanism {
public:
    using Lookup = std::function<Credentials(const std::string &username)>;

    // `downgrade_matters`: mechanisms with channel binding were offered, so a client that has seen none of them was
    // lied to.
    Mechanism(const SaslLibrary &library, const MechanismKind &kind, const ConnectionInfo &connection,
              bool downgrade_matters);
    Mechanism(const Mechanism &) = delete;
    Mechanism &operator=(const Mechanism &) = delete;

    // All mechanisms we have let the client speak first. Lets through what `lookup` throws.
    SaslStep step(std::string_view input, const Lookup &lookup);

    // As the client gave them, from its first message on.
    const std::string &username() const { return username_; }
    const std::string &authzid() const { return authzid_; }
    Secret take_password() { return std::move(password_); }

private:
    friend class SaslLibrary;
    struct Finisher {
        void operator()(Gsasl_session *session) const { gsasl_finish(session); }
    };

    static int answer(Gsasl *, Gsasl_session *session, Gsasl_property property) noexcept;
    int answer(Gsasl_property property);
    void set(Gsasl_property property, const std::string &value);
    void take_names();
    void give_credentials();
    SaslStep take_plain(std::string_view input);
    SaslStep outcome(int result, std::string output) const;

    const MechanismKind &kind_;
    std::unique_ptr<Gsasl_session, Finisher> session_; // none for PLAIN
    bool begun_ = false;
    std::string username_, authzid_;
    Secret password_;
    const Lookup *lookup_ = nullptr; // while a step runs
    std::exception_ptr problem_;     // no exception may pass the library
};

} // namespace jabberd::session_manager
