// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/carrier/handshake.h"

#include "base/random.h"
#include "link/frame/bytes.h"
#include "link/frame/frame.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>
#include <utility>

namespace jabberd::link {

namespace {

constexpr std::string_view handshake_magic = "JLH1";
constexpr std::size_t proof_size = 32;
constexpr char call = 1, challenge = 2, dialer_proof = 3, listener_proof = 4, refusal = 5;
constexpr char wrong_secret = 1, wrong_name = 2, unknown_name = 3;

std::string message(char kind)
{
    std::string text{handshake_magic};
    return text += kind;
}

void draw(std::array<char, 32> &nonce)
{
    for (std::size_t at = 0; at < nonce.size(); at += 16) {
        const auto bytes = random_128();
        std::memcpy(nonce.data() + at, bytes.data(), bytes.size());
    }
}

void append_name(std::string &text, std::string_view name)
{
    store(text, static_cast<std::uint16_t>(name.size()));
    text.append(name);
}

std::string_view words_of(char reason)
{
    switch (reason) {
    case wrong_secret: return "it says that our <secret> is wrong";
    case wrong_name: return "the process there has another name";
    case unknown_name: return "it has no <peer> of our name";
    default: return "it refuses, and does not say why";
    }
}

} // namespace

Handshake::Handshake(std::string_view own_name, std::string_view peer, std::string_view secret)
    : role_(Role::Dialer), own_name_(own_name), peer_(peer), secret_(secret), expected_(challenge)
{
    draw(own_nonce_);
}

Handshake::Handshake(std::string_view own_name, std::string_view secret, Knows knows)
    : role_(Role::Listener), own_name_(own_name), secret_(secret), knows_(std::move(knows)), expected_(call)
{
    draw(own_nonce_);
}

std::string Handshake::first() const
{
    std::string text = message(call);
    text.append(own_nonce_.data(), own_nonce_.size());
    append_name(text, own_name_);
    append_name(text, peer_);
    return text;
}

std::string Handshake::proof(Role of) const
{
    const bool dials = role_ == Role::Dialer;
    const Nonce &dialer = dials ? own_nonce_ : other_nonce_, &listener = dials ? other_nonce_ : own_nonce_;
    std::string text{handshake_magic};
    text += static_cast<char>(of);
    text.append(dialer.data(), dialer.size()).append(listener.data(), listener.size());
    append_name(text, dials ? own_name_ : std::string_view{peer_});
    append_name(text, dials ? std::string_view{peer_} : own_name_);
    std::string digest(proof_size, '\0');
    unsigned size = 0;
    HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
         reinterpret_cast<const unsigned char *>(text.data()), text.size(),
         reinterpret_cast<unsigned char *>(digest.data()), &size);
    return digest;
}

Handshake::Step Handshake::fail(std::string why)
{
    failure_ = std::move(why);
    return Step::Failed;
}

Handshake::Step Handshake::refuse(std::string why, char code, std::string &answer)
{
    refused_ = true;
    answer = message(refusal);
    answer += code;
    return fail(std::move(why));
}

Handshake::Step Handshake::take(std::string_view text, std::string &answer)
{
    answer.clear();
    ByteReader reader{text};
    const bool ours = reader.take(handshake_magic.size()) == handshake_magic;
    const auto kind = reader.number<char>();
    if (!ours || reader.failed())
        return fail("what it says is not of this protocol");
    const bool refuses = role_ == Role::Dialer && kind == refusal;
    if (kind != expected_ && !refuses)
        return fail("it says things out of turn");
    if (role_ == Role::Dialer)
        return take_answer(kind, reader.rest(), answer);
    return kind == call ? take_call(reader.rest(), answer) : take_proof(reader.rest(), answer);
}

Handshake::Step Handshake::take_call(std::string_view rest, std::string &answer)
{
    ByteReader reader{rest};
    const std::string_view nonce = reader.take(nonce_size);
    peer_ = reader.take(reader.number<std::uint16_t>());
    const std::string_view wanted = reader.take(reader.number<std::uint16_t>());
    if (!reader.at_end() || peer_.empty() || peer_.size() > max_name)
        return fail("what it says is not of this protocol");
    if (wanted != own_name_)
        return refuse("it calls itself '" + peer_ + "' and wants to reach '" + std::string{wanted} +
                          "', but this is '" + std::string{own_name_} + "'",
                      wrong_name, answer);
    if (!knows_(peer_))
        return refuse("it calls itself '" + peer_ + "', and there is no <peer> of that name", unknown_name, answer);
    std::memcpy(other_nonce_.data(), nonce.data(), nonce_size);
    answer = message(challenge);
    answer.append(own_nonce_.data(), own_nonce_.size());
    expected_ = dialer_proof;
    return Step::GoOn;
}

Handshake::Step Handshake::take_proof(std::string_view rest, std::string &answer)
{
    const std::string right = proof(Role::Dialer);
    if (rest.size() != right.size() || CRYPTO_memcmp(rest.data(), right.data(), right.size()) != 0)
        return refuse("it calls itself '" + peer_ + "', and its <secret> is not ours", wrong_secret, answer);
    answer = message(listener_proof) + proof(Role::Listener);
    return Step::Done;
}

Handshake::Step Handshake::take_answer(char kind, std::string_view rest, std::string &answer)
{
    if (kind == refusal) {
        refused_ = true;
        return fail(std::string{words_of(rest.empty() ? '\0' : rest.front())});
    }
    if (kind == challenge) {
        if (rest.size() != nonce_size)
            return fail("what it says is not of this protocol");
        std::memcpy(other_nonce_.data(), rest.data(), nonce_size);
        answer = message(dialer_proof) + proof(Role::Dialer);
        expected_ = listener_proof;
        return Step::GoOn;
    }
    const std::string right = proof(Role::Listener);
    if (rest.size() == right.size() && CRYPTO_memcmp(rest.data(), right.data(), right.size()) == 0)
        return Step::Done;
    refused_ = true;
    return fail("it does not know our <secret>");
}

} // namespace jabberd::link
