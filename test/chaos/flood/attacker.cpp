// SPDX-License-Identifier: LGPL-2.1-or-later
#include "flood/attacker.h"

#include "base/base64.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace jabberd::chaos {

namespace {

constexpr std::size_t enough_to_say = 65536;
constexpr std::size_t last_words_kept = 2048;

// An address behind the one in an environment variable, or behind another one.
sockaddr_in address_behind(const char *variable, std::uint32_t otherwise, unsigned distance, std::uint16_t port)
{
    in_addr first{htonl(otherwise)};
    if (const char *wanted = std::getenv(variable); wanted != nullptr) // NOLINT: no thread sets one meanwhile
        inet_pton(AF_INET, wanted, &first);
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(ntohl(first.s_addr) + distance);
    in.sin_port = htons(port);
    return in;
}

UniqueFd connected(std::uint16_t port, unsigned address)
{
    UniqueFd fd{socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    const sockaddr_in from = address_behind("FLOOD_FROM", INADDR_LOOPBACK + 0x10000, address, 0);
    const sockaddr_in to = address_behind("FLOOD_TO", INADDR_LOOPBACK, 0, port);
    if (!fd || bind(fd.get(), reinterpret_cast<const sockaddr *>(&from), sizeof from) != 0 ||
        (connect(fd.get(), reinterpret_cast<const sockaddr *>(&to), sizeof to) != 0 && errno != EINPROGRESS))
        throw std::system_error{errno, std::generic_category(), "connecting"};
    return fd;
}

std::string credentials(const Who &who)
{
    return "<username>" + who.name + "</username><password>secret</password>";
}

} // namespace

Attacker::Attacker(const Kind &kind, std::uint16_t port, unsigned address, unsigned number)
    : kind_(kind)
    , who_{"flood" + std::to_string(address) + "-" + std::to_string(kind.one_account ? 0 : number), number}
    , fd_(connected(port, address))
    , step_(kind.logs_in ? Step::Registration : Step::Harm)
{
    if (kind.vanishes)
        end_by_a_reset();
    if (kind.has_stream)
        out_ = header();
    if (kind.logs_in)
        out_ +=
            "<iq type='set' id='registered'><query xmlns='jabber:iq:register'>" + credentials(who_) + "</query></iq>";
    go_on();
}

std::string Attacker::header() const
{
    return "<stream:stream to='" + kind_.domain +
           "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'" + kind_.header + ">";
}

void Attacker::go_on()
{
    while (step_ == Step::Harm && out_.size() - written_ < enough_to_say &&
           (kind_.rounds == 0 || round_ < kind_.rounds))
        out_ += kind_.say(who_, round_++);
}

void Attacker::on_writable()
{
    const std::size_t most = kind_.drips ? 1 : out_.size() - written_;
    const ssize_t wrote = send(fd(), out_.data() + written_, most, MSG_NOSIGNAL);
    if (wrote < 0)
        return errno == EAGAIN || errno == ENOTCONN ? void() : end();
    written_ += static_cast<std::size_t>(wrote);
    sent_ += static_cast<std::size_t>(wrote);
    if (written_ == out_.size()) {
        out_.clear();
        written_ = 0;
        if (kind_.resets)
            return reset();
    }
    go_on();
}

// Whenever the socket is closed, and be it by the kernel.
void Attacker::end_by_a_reset() const
{
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Attacker::reset()
{
    end_by_a_reset();
    end();
}

void Attacker::on_readable()
{
    std::array<char, 65536> bytes;
    const ssize_t got = recv(fd(), bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0)
        return end();
    received_ += static_cast<std::size_t>(got);
    in_.append(bytes.data(), static_cast<std::size_t>(got));
    answered_ = answered_ || in_.find("<enabled ") != std::string::npos;
    answer();
    if (kind_.leaves && in_.find("</stream:stream>") != std::string::npos)
        return end();
    if (in_.size() > last_words_kept)
        in_.erase(0, in_.size() - last_words_kept);
}

void Attacker::answer()
{
    const auto heard = [&](const char *words) { return in_.find(words) != std::string::npos; };
    if (step_ == Step::Registration && heard("registered")) {
        step_ = Step::Login;
        log_in();
    } else if (step_ == Step::Login && heard("<success")) {
        step_ = Step::Features;
        out_ += header();
    } else if (step_ == Step::Login && heard("logged-in")) {
        out_ += "<presence/>";
        begin_harm();
    } else if (step_ == Step::Features && heard("urn:ietf:params:xml:ns:xmpp-bind")) {
        begin_harm();
    }
}

void Attacker::log_in()
{
    if (kind_.by_sasl)
        out_ += "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
                base64_encode('\0' + who_.name + '\0' + "secret") + "</auth>";
    else
        out_ += "<iq type='set' id='logged-in'><query xmlns='jabber:iq:auth'>" + credentials(who_) + "<resource>r" +
                std::to_string(who_.number) + "</resource></query></iq>";
}

void Attacker::begin_harm()
{
    step_ = Step::Harm;
    go_on();
}

std::string Attacker::told() const
{
    const auto behind = [&](std::string_view before, std::string_view after) -> std::string {
        const auto at = in_.rfind(before);
        if (at == std::string::npos)
            return {};
        const auto begin = at + before.size();
        return in_.substr(begin, in_.find_first_of(after, begin) - begin);
    };
    // In a message of a WebSocket the error declares its prefix.
    if (const auto error = in_.rfind("<stream:error"); error != std::string::npos) {
        const auto begin = in_.find("><", error) + 2;
        return in_.substr(begin, in_.find_first_of(" />", begin) - begin);
    }
    if (std::string status = behind("HTTP/1.1 ", " "); !status.empty())
        return status;
    if (std::string code = behind("<error code='", "'"); !code.empty())
        return code;
    if (std::string condition = behind("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><", " />");
        !condition.empty())
        return condition;
    return in_.find("type='result'") != std::string::npos || in_.find("<success ") != std::string::npos ? "login" : "";
}

void Attacker::end()
{
    end_ = std::chrono::steady_clock::now();
    fd_ = {};
    out_.clear();
    written_ = 0;
}

} // namespace jabberd::chaos
