// SPDX-License-Identifier: LGPL-2.1-or-later
#include "swap/client.h"

#include "base/base64.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace jabberd::bench {

namespace {

constexpr std::string_view header = "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' "
                                    "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
constexpr std::string_view body = "<body>", message_end = "</message>";

} // namespace

Client::Client(std::uint16_t port, Identity who, Wait wait, bool small_window)
    : who_(std::move(who)), wait_(wait), wire_(port, small_window)
{
    waiting_ = wait == Wait::HalfHello;
    if (wait == Wait::HalfHello)
        wire_.hold_after(wire_.unsent() / 2);
    if (wait == Wait::BeforeFinished)
        wire_.hold_after(wire_.unsent());
    wire_.flush();
}

void Client::talk_to(const std::string &address)
{
    before_number_ = "<message to='" + address + "' type='chat'><body>";
}

// "number stamp padding": the padding begins with a character of two bytes.
std::string Client::compose(Time::rep stamp, std::size_t size)
{
    std::string text = before_number_;
    text += std::to_string(sent_++) + ' ' + std::to_string(stamp) + " \xc3\xa9";
    return text.append(size, 'x').append("</body></message>");
}

void Client::say(std::string_view bytes)
{
    wire_.say(bytes);
    wire_.flush();
}

void Client::leave()
{
    step_ = Step::Leaving;
    say("</stream:stream>");
}

void Client::let_go(Times &times)
{
    if (std::exchange(waiting_, false) && wait_ == Wait::HalfHeader)
        wire_.say(header.substr(header.size() / 2));
    wait_ = Wait::Nowhere;
    wire_.let_go();
    on_ready(times);
}

void Client::on_ready(Times &times)
{
    if (!is_reading) {
        wire_.flush();
        return;
    }
    wire_.pump();
    go_on(times);
}

void Client::go_on(Times &times)
{
    while (take_step())
        continue;
    wire_.flush();
    if (step_ == Step::In)
        take_messages(times);
    if (wire_.end() == Wire::End::None || is_lost())
        return;
    if (step_ == Step::Leaving && wire_.end() == Wire::End::Clean && take("</stream:stream>"))
        step_ = Step::Left;
    else if (step_ != Step::Left)
        why_lost_ = "disconnected: " + explain();
}

std::string Client::explain() const
{
    return who_.user + '/' + who_.resource + " is at step " + std::to_string(static_cast<int>(step_)) +
           " and has heard: " + wire_.heard().substr(0, 400);
}

bool Client::wait_at(Wait where)
{
    if (wait_ == where)
        waiting_ = true;
    return waiting_;
}

bool Client::take(std::string_view awaited)
{
    std::string &in = wire_.heard();
    const auto at = in.find(awaited);
    if (at == std::string::npos)
        return false;
    in.erase(0, at + awaited.size());
    return true;
}

bool Client::take_step()
{
    std::string response(1, '\0');
    response.append(who_.user).append(1, '\0').append("secret");
    switch (step_) {
    case Step::Handshake:
        if (!wire_.secure())
            return false;
        exporter_ = wire_.exporter();
        step_ = Step::Header;
        if (wait_ == Wait::HalfHeader)
            wire_.say(header.substr(0, header.size() / 2));
        else
            wire_.say(header);
        // Before Finished: all of that stays here, behind Finished.
        return !wait_at(Wait::HalfHeader) && !wait_at(Wait::BeforeFinished);
    case Step::Header:
        if (!take("</stream:features>"))
            return false;
        if (who_.registers)
            wire_.say("<iq type='set' id='reg'><query xmlns='jabber:iq:register'><username>" + who_.user +
                      "</username><password>secret</password></query></iq>");
        step_ = Step::Registration;
        return true;
    case Step::Registration:
        if (who_.registers && !take("id='reg'") && !take("id=\"reg\""))
            return false;
        if (wait_ == Wait::MidSasl)
            wire_.say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>");
        else
            wire_.say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + base64_encode(response) +
                      "</auth>");
        step_ = wait_ == Wait::MidSasl ? Step::Challenge : Step::Success;
        return true;
    case Step::Challenge:
        if (wait_ == Wait::MidSasl && wire_.heard().find("<challenge") == std::string::npos)
            return false;
        if (wait_at(Wait::MidSasl))
            return false;
        wire_.say("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + base64_encode(response) + "</response>");
        step_ = Step::Success;
        return true;
    case Step::Success:
        if (!take("<success"))
            return false;
        wire_.say(header);
        step_ = Step::NewHeader;
        return true;
    case Step::NewHeader:
        if (wire_.heard().find("</stream:features>") == std::string::npos || wait_at(Wait::BeforeBind))
            return false;
        take("</stream:features>");
        wire_.say("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + who_.resource +
                  "</resource></bind></iq>");
        step_ = Step::Bind;
        return true;
    case Step::Bind:
        if (wire_.heard().find("</bind></iq>") == std::string::npos || !take("<jid>"))
            return false;
        address_ = wire_.heard().substr(0, wire_.heard().find('<'));
        take("</bind></iq>");
        step_ = Step::In;
        return true;
    default: return false;
    }
}

void Client::take_messages(Times &times)
{
    std::string &in = wire_.heard();
    std::size_t done = 0;
    const auto now = times.now();
    for (auto at = in.find(message_end); at != std::string::npos; at = in.find(message_end, done)) {
        const auto text = in.find(body, done);
        std::uint64_t number = 0;
        Time::rep stamp = 0;
        if (text < at && in.substr(done, text - done).find("type='error'") == std::string::npos) {
            const char *const end = in.data() + at;
            const char *const next = std::from_chars(in.data() + text + body.size(), end, number).ptr;
            std::from_chars(next + 1, end, stamp);
            inbox_.arrived(number);
            times.add(stamp, now);
        } else if (why_lost_.empty()) {
            why_lost_ = who_.user + '/' + who_.resource + " got: " + in.substr(done, at - done).substr(0, 400);
        }
        done = at + message_end.size();
    }
    in.erase(0, done);
}

} // namespace jabberd::bench
