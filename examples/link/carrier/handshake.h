// SPDX-License-Identifier: LGPL-2.1-or-later
// How two processes show each other that they know the secret, before the first frame. Messages in, messages out.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace jabberd::link {

//   dialer    "JLH1" 1, nonce (32 bytes), u16 length, its name, u16 length, the name that it wants to reach
//   listener  "JLH1" 2, nonce (32 bytes)
//   dialer    "JLH1" 3, HMAC-SHA256(secret, 'D' both nonces, both names)
//   listener  "JLH1" 4, HMAC-SHA256(secret, 'L' both nonces, both names), or "JLH1" 5, u8 why not
class Handshake {
public:
    enum class Step { GoOn, Done, Failed };
    enum class Role : char { Dialer = 'D', Listener = 'L' };
    static constexpr std::size_t longest = 512; // message

    // A dialer, which wants to reach `peer`, or a listener, which is told who may come. All is borrowed for life.
    Handshake(std::string_view own_name, std::string_view peer, std::string_view secret);
    using Knows = std::function<bool(std::string_view)>;
    Handshake(std::string_view own_name, std::string_view secret, Knows knows);

    std::string first() const; // of a dialer

    // `answer` is to be sent, unless it is "", also when it failed.
    Step take(std::string_view message, std::string &answer);

    const std::string &peer() const { return peer_; }
    const std::string &failure() const { return failure_; }
    bool refused() const { return refused_; } // by configuration or secret: it is no use to try again at once

private:
    static constexpr std::size_t nonce_size = 32;
    using Nonce = std::array<char, nonce_size>;

    Step take_call(std::string_view rest, std::string &answer);
    Step take_proof(std::string_view rest, std::string &answer);
    Step take_answer(char kind, std::string_view rest, std::string &answer);
    Step fail(std::string why);
    Step refuse(std::string why, char code, std::string &answer);
    std::string proof(Role of) const;

    const Role role_;
    const std::string_view own_name_;
    std::string peer_;
    const std::string_view secret_;
    Knows knows_;
    Nonce own_nonce_{}, other_nonce_{};
    char expected_; // message
    std::string failure_;
    bool refused_ = false;
};

} // namespace jabberd::link
