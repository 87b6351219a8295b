// SPDX-License-Identifier: LGPL-2.1-or-later
// The half that reads, where the elements of the stream are in the messages of a WebSocket (RFC 7395).
#include "connection/connection.h"

#include "base/view.h"
#include "websocket/framing.h"

#include <string>
#include <utility>

namespace jabberd::connection {

namespace {

using stream::Condition;
using websocket::FrameReader;

constexpr std::string_view white_space = " \t\r\n";

} // namespace

// By the first byte that a client has sent, under TLS the first inside.
bool Connection::begins_http(char first) const
{
    return options().websocket && messages_ == nullptr && !has_proxy_header_ && websocket::may_begin_request(first);
}

void Connection::begin_http()
{
    messages_ = std::make_unique<Messages>();
    incoming_.take_header_for_element();
}

// Frame by frame, and within one message element by element, as long as the client may go on. What is left over stays
// as it came: masked, in its frames.
void Connection::feed_messages(std::span<char> bytes)
{
    const auto goes_on = [&] { return state_ == StreamState::WaitForStream || state_ == StreamState::Open; };
    while (!bytes.empty() && goes_on() && !waiting() && !awaits_turn_ && !throttled()) {
        if (!messages_->is_open())
            take_request(bytes);
        else
            take_frame(bytes);
    }
    if (!goes_on())
        return;
    if (is_too_much_before_login())
        return end({Condition::PolicyViolation, "Too much before login"});
    if (!incoming_.unfinished() && !messages_->begun())
        deadlines_.clear(Deadline::Element);
    else if (!deadlines_.has(Deadline::Element))
        expect_rest();
    if (!bytes.empty())
        incoming_.keep_unread({bytes.data(), bytes.size()});
    account();
}

void Connection::take_request(std::span<char> &bytes)
{
    using State = websocket::HttpRequestReader::State;
    std::string_view rest{bytes.data(), bytes.size()};
    const State state = messages_->request().read(rest);
    bytes = bytes.last(rest.size());
    if (state == State::Refused)
        answer_http(websocket::refusal_of(messages_->request().fault()));
    else if (state == State::Whole)
        answer_http(answer_request(messages_->request().bytes(), socket_, options(), around_.certificates.get(),
                                   around_.tls_required()));
}

void Connection::answer_http(const websocket::HttpAnswer &answer)
{
    outgoing_.unframed(around_.queues, answer.bytes);
    if (!answer.upgrades()) {
        around_.counters.http_answers.add(1);
        return begin_closing("HTTP: " + answer.about + " (" + std::to_string(answer.status) + ")");
    }
    around_.counters.websockets.add(1);
    messages_->open();
    outgoing_.use(websocket::one_element_a_message());
    queued();
}

void Connection::take_frame(std::span<char> &bytes)
{
    using Kind = FrameReader::Heard::Kind;
    const FrameReader::Heard heard = messages_->frames().next(bytes, conversation_.rules().limits.bytes);
    switch (heard.kind) {
    case Kind::Nothing:
    case Kind::Pong: return;
    case Kind::Text: return take_text(heard, bytes.empty());
    case Kind::Ping: return answer_ping(heard.bytes);
    case Kind::Close: return closed_by_client(heard.code);
    case Kind::Fault:
        messages_->close_with(heard.code);
        return end(
            {heard.code == websocket::close_code::protocol_error ? Condition::BadFormat : Condition::PolicyViolation,
             heard.bytes});
    }
}

// `is_last`: nothing has come behind it.
void Connection::take_text(const FrameReader::Heard &heard, bool is_last)
{
    std::string_view rest = heard.bytes;
    if (heard.begins && rest.front() != '<')
        return end({Condition::BadFormat, "A message begins with '<' (RFC 7395 §3.3.3)"});
    if (!messages_->element_done && !rest.empty())
        rest.remove_prefix(feed_once(rest));
    if (over())
        return;
    if (rest.find_first_not_of(white_space) != std::string_view::npos)
        return end({Condition::BadFormat, "A message has one element (RFC 7395 §3.3.3)"});
    if (!heard.ends)
        return;
    if (!std::exchange(messages_->element_done, false) || incoming_.unfinished())
        return end({Condition::BadFormat, "A message is one element, and all of it (RFC 7395 §3.3.3)"});
    if (!is_last)
        pause_between_messages();
}

// As pause() between two stanzas of one document.
void Connection::pause_between_messages()
{
    if (state_ != StreamState::Open)
        return;
    throttle();
    if (!throttled() && around_.turn.is_over())
        next_turn();
}

// What is about the stream itself has been done then. Called for each element: there may be one in a message.
bool Connection::take_framing(const xml::Stanza &stanza)
{
    const auto wrong = [&](std::string_view reason) {
        end({Condition::BadFormat, reason});
        return true;
    };
    if (std::exchange(messages_->element_done, true))
        return wrong("A message has one element (RFC 7395 §3.3.3)");
    const std::string_view name = text(stanza.packet.name);
    const bool framing = text(stanza.packet.xmlns) == websocket::framing_namespace;
    if (framing && name == "close")
        return on_stream_end(), true;
    if (state_ == StreamState::WaitForStream) {
        if (!framing || name != "open")
            return wrong("A stream begins with <open/> (RFC 7395 §3.4)");
        return on_stream_header(header_of(stanza)), true;
    }
    return framing && wrong("The stream is open");
}

// A client that asks without reading the answers is behind with reading like any other.
void Connection::answer_ping(std::string_view payload)
{
    std::string pong;
    websocket::append_frame(pong, websocket::Opcode::Pong, payload);
    outgoing_.unframed(around_.queues, pong);
    queued();
    if (socket_.write_blocked())
        charge();
}

// Like a FIN: the stream has no end then, and stanzas that are not written go back, for a browser gives its page no
// message behind its own Close frame. That is answered where there is room for it at once (RFC 6455 §5.5.1).
void Connection::closed_by_client(std::uint16_t code)
{
    if (!outgoing_.has_stanzas())
        flush();
    if (state_ == StreamState::Disconnected)
        return;
    const bool has_code = code != websocket::close_code::none;
    if (outgoing_.empty() && !socket_.write_blocked()) {
        std::string answer;
        if (has_code)
            websocket::append_close_frame(answer, code);
        else
            websocket::append_frame(answer, websocket::Opcode::Close, {});
        socket_.write(answer);
    }
    socket_.shutdown_write();
    lost(std::string{"closed by the client"} + (has_code ? ", by code " + std::to_string(code) : ""));
}

// The end of our half: of the stream, and of what carries it. An HTTP answer says by itself that it is the last.
void Connection::write_end()
{
    if (messages_ != nullptr && !messages_->is_open())
        return;
    outgoing_.close(around_.queues);
    if (messages_ == nullptr)
        return;
    std::string frame;
    websocket::append_close_frame(frame, messages_->close_code());
    outgoing_.unframed(around_.queues, frame);
}

} // namespace jabberd::connection
