// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/resumptions.h"

#include "base/view.h"
#include "handover/snapshot.h"
#include "workers/worker.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <variant>
#include <vector>

namespace jabberd::fuzz {

namespace {

using namespace std::chrono_literals;
using workers::Worker;

constexpr unsigned loops = 2;
constexpr std::size_t most_steps = 200;
constexpr char header[] = "<stream:stream to='foo.com' version='1.0' xmlns='jabber:client' "
                          "xmlns:stream='http://etherx.jabber.org/streams'>";
constexpr char session_id[] = "alice@foo.com/r";

class HeldClock final : public Clock {
public:
    Time now() const override { return now_; }
    void pass(Duration duration) { now_ += duration; }

private:
    Time now_{1h};
};

std::string attribute_of(std::string_view element, std::string_view name)
{
    const std::string begin = " " + std::string{name} + "='";
    const auto at = element.find(begin);
    if (at == std::string_view::npos)
        return {};
    element.remove_prefix(at + begin.size());
    return std::string{element.substr(0, element.find('\''))};
}

// The session manager, and the socket manager's loops, which this thread turns.
class Stage {
public:
    Stage()
    {
        host_.size = sizeof host_;
        host_.host_data = this;
        host_.deliver = [](const jabberd_host *host, const jabberd_packet *packet) {
            return static_cast<Stage *>(host->host_data)->deliver(*packet);
        };
        host_.log = [](const jabberd_host *, const jabberd_log_record *) {};
        options_->host = "c2s";
        options_->threads = loops;
        options_->stream_management.stanzas = 30;
        begin();
    }

    std::string connection;         // of the session
    std::vector<unsigned> heard;    // numbers of the client's stanzas
    std::vector<unsigned> returned; // of ours, behind the end
    bool ended = false;
    std::string wrong;

    void turn()
    {
        for (int i = 0; i < 6; ++i) {
            for (const auto &worker : workers_)
                worker->loop().turn(false);
            if (!full_ && std::exchange(was_full_, false)) {
                shared_->host.resumed();
                for (const auto &worker : workers_)
                    worker->run([&worker = *worker] { worker.resume_host(); });
            }
        }
    }

    void pass(Duration duration)
    {
        clock_.pass(duration);
        turn();
    }

    UniqueFd dial(unsigned worker)
    {
        std::array<int, 2> ends;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
            return {};
        ++shared_->connections;
        shared_->address_caps.admit({}, 0, {.per_second = 0, .burst = 0}, clock_.now());
        workers_[worker % loops]->adopt({UniqueFd{ends[1]}, {}});
        turn();
        return UniqueFd{ends[0]};
    }

    void give(unsigned number)
    {
        const std::string id = std::to_string(number);
        jabberd_packet message = packet("message", session_id, connection);
        message.id = view(id);
        receive(message);
        turn();
    }

    void be_full(bool full) { full_ = full; }

    // A successor takes over. False: it refuses.
    bool swap()
    {
        while (std::ranges::count_if(workers_, [](const auto &worker) { return worker->run_posted(); }) > 0) {
        }
        handover::State state;
        state.host = "c2s";
        state.epoch = shared_->epoch;
        state.full = shared_->host.any_full();
        state.full_names = shared_->host.full_names();
        for (const auto &worker : workers_)
            worker->freeze(state);
        const handover::Snapshot snapshot{state};
        auto old_workers = std::exchange(workers_, {});
        const auto old_shared = std::exchange(shared_, {});
        begin();
        auto read = handover::read_snapshot(snapshot.abi());
        if (const auto *reason = std::get_if<std::string>(&read)) {
            wrong = "a snapshot is refused: " + *reason;
            return false;
        }
        const auto &taken = std::get<handover::State>(read);
        shared_->epoch = taken.epoch;
        if (taken.full)
            shared_->host.begin_full(taken.full_names);
        for (const auto &worker : workers_)
            worker->begin_at(taken.next_token);
        for (const handover::ConnectionState &one : taken.connections) {
            const auto place = workers::place_of(parse_connection_address(one.address).value(), loops);
            workers_[place.worker]->thaw(place.slot, one);
        }
        for (const handover::NotResumedState &one : taken.not_resumed) {
            for (const auto &worker : workers_)
                worker->remember(one);
        }
        for (const auto &worker : workers_)
            worker->attach();
        for (const auto &worker : old_workers)
            worker->relinquish();
        old_workers.clear();
        for (const auto &worker : workers_)
            worker->run([&worker = *worker] { worker.wake(); });
        turn();
        return true;
    }

private:
    void begin()
    {
        shared_ = std::make_unique<connection::Shared>(host_, clock_, loops);
        for (unsigned number = 0; number < loops; ++number)
            workers_.push_back(std::make_unique<Worker>(*shared_, options_, number, loops));
    }

    static jabberd_packet packet(std::string_view name, std::string_view sfrom, std::string_view sto)
    {
        jabberd_packet out{};
        out.size = sizeof out;
        out.name = view(name);
        out.sfrom = view(sfrom);
        out.sto = view(sto);
        return out;
    }

    void receive(const jabberd_packet &packet)
    {
        const auto address = parse_connection_address(text(packet.sto));
        const auto place = workers::place_of(*address, loops);
        workers_[place.worker]->receive(place.slot, packet, false);
    }

    jabberd_delivery deliver(const jabberd_packet &packet)
    {
        const std::string_view name = text(packet.name), sfrom = text(packet.sfrom);
        if (name == "iq" || name == "auth")
            answer(packet);
        else if (text(packet.type) == "error")
            take_error(packet);
        else if (sfrom != connection || text(packet.sto) != session_id)
            wrong = "a stanza of another connection than the session's";
        else
            heard.push_back(static_cast<unsigned>(std::stoul(std::string{text(packet.id)})));
        was_full_ = was_full_ || full_;
        return full_ ? JABBERD_FULL : JABBERD_DELIVERED;
    }

    void answer(const jabberd_packet &question)
    {
        const bool binds = text(question.body).find("xmpp-bind") != std::string_view::npos;
        const bool knows = text(question.sto).find('@') != std::string_view::npos;
        jabberd_packet result = packet(text(question.name) == "auth" ? "success" : "iq",
                                       binds                           ? session_id
                                       : text(question.name) == "auth" ? "alice@foo.com"
                                                                       : "foo.com",
                                       text(question.sfrom));
        result.id = question.id;
        if (text(question.name) == "auth") {
            result.xmlns = question.xmlns;
        } else {
            result.type = view("result");
            if (!binds)
                result.body = view(knows ? "<query xmlns='jabber:iq:stream-features'/>"
                                         : "<query xmlns='jabber:iq:stream-features'><mechanisms "
                                           "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>X</mechanism>"
                                           "</mechanisms></query>");
        }
        const OwnedPacket kept{result};
        if (binds)
            connection = text(question.sfrom);
        receive(kept.packet());
    }

    void take_error(const jabberd_packet &error)
    {
        if (text(error.sto) == "alice@foo.com" && text(error.sfrom) != connection)
            return; // the end of a login that was for a resumption
        if (text(error.sfrom) != connection)
            wrong = "an error of a connection that the session does not have";
        else if (present(error.id))
            returned.push_back(static_cast<unsigned>(std::stoul(std::string{text(error.id)})));
        else if (std::exchange(ended, true))
            wrong = "the end is told twice";
        if (present(error.id) && !ended)
            wrong = "a stanza comes back before the end";
    }

    HeldClock clock_;
    jabberd_host host_{};
    std::shared_ptr<config::Options> options_ = std::make_shared<config::Options>();
    std::unique_ptr<connection::Shared> shared_;
    std::vector<std::unique_ptr<Worker>> workers_;
    bool full_ = false, was_full_ = false;
};

// Keeps what it has sent until that is acknowledged, as XEP-0198 wants it.
class Client {
public:
    explicit Client(Stage &stage) : stage_(stage) {}

    std::vector<unsigned> got;
    unsigned acknowledged = 0; // of what it got
    bool over = false;         // there is no session to come back to
    std::string wrong;

    void begin()
    {
        log_in(0);
        say("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
            "<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        const std::string words = hear();
        id_ = attribute_of(words.substr(std::min(words.find("<enabled"), words.size())), "id");
        if (id_.empty())
            wrong = "not enabled: " + words;
        managed_ = true;
    }

    void come_back(unsigned worker, bool lies)
    {
        const UniqueFd former = std::move(socket_); // which the server may still have
        managed_ = false;
        input_.clear();
        stage_.be_full(false); // else it is not read from
        log_in(worker);
        say("<resume xmlns='urn:xmpp:sm:3' previd='" + id_ + "' h='" +
            std::to_string(lies ? got.size() + 1000 : got.size()) + "'/>");
        if (former) {
            char last[4096];
            while (recv(former.get(), last, sizeof last, 0) > 0) { // of the connection that it has given up
            }
        }
        const std::string words = hear();
        const auto resumed = words.find("<resumed");
        if (lies) {
            if (words.find("<handled-count-too-high") == std::string::npos &&
                words.find("<failed") == std::string::npos)
                wrong = "more is acknowledged than was sent, and taken: " + words;
            return drop();
        }
        if (resumed == std::string::npos) {
            over = true;
            if (words.find("<failed") == std::string::npos)
                wrong = "neither resumed nor failed: " + words;
            return;
        }
        acknowledged = static_cast<unsigned>(got.size());
        const auto handled =
            static_cast<unsigned>(std::stoul(attribute_of(std::string_view{words}.substr(resumed), "h")));
        if (handled < handled_ || handled > said_)
            wrong = "it has handled " + std::to_string(handled) + " of " + std::to_string(said_);
        managed_ = true;
        input_ = words.substr(words.find("/>", resumed) + 2);
        read_elements();
        handled_ = handled;
        for (unsigned number = handled; number < said_; ++number)
            send_stanza(number);
    }

    bool connected() const { return static_cast<bool>(socket_); }

    void speak()
    {
        if (managed_ && connected())
            send_stanza(said_++);
    }

    void acknowledge()
    {
        if (!managed_ || !connected())
            return;
        acknowledged = static_cast<unsigned>(got.size());
        say("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(got.size()) + "'/>");
    }

    void ask() { say("<r xmlns='urn:xmpp:sm:3'/>"); }

    void read(std::size_t most)
    {
        if (!managed_)
            return;
        input_ += hear(most);
        read_elements();
    }

    void drop()
    {
        socket_.reset();
        input_.clear();
        managed_ = false;
        stage_.turn();
    }

    unsigned said() const { return said_; }

private:
    void log_in(unsigned worker)
    {
        socket_ = stage_.dial(worker);
        say(header);
        say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X'>AGE=</auth>");
        say(header);
        hear();
    }

    void send_stanza(unsigned number) { say("<message to='bob@foo.com' id='" + std::to_string(number) + "'/>"); }

    void say(std::string_view words)
    {
        if (socket_ && send(socket_.get(), words.data(), words.size(), MSG_NOSIGNAL) < 0)
            drop();
        stage_.turn();
    }

    std::string hear(std::size_t most = SIZE_MAX)
    {
        std::string all;
        char some[4096];
        while (socket_ && all.size() < most) {
            const ssize_t size = recv(socket_.get(), some, std::min(sizeof some, most - all.size()), 0);
            if (size <= 0)
                break;
            all.append(some, static_cast<std::size_t>(size));
            stage_.turn();
        }
        return all;
    }

    // All of ours end with "/>".
    void read_elements()
    {
        for (std::size_t end; (end = input_.find("/>")) != std::string::npos;) {
            const std::string element = input_.substr(0, end + 2);
            input_.erase(0, end + 2);
            if (element.starts_with("<message"))
                got.push_back(static_cast<unsigned>(std::stoul(attribute_of(element, "id"))));
            else if (element.starts_with("<a "))
                handled_ = static_cast<unsigned>(std::stoul(attribute_of(element, "h")));
        }
    }

    Stage &stage_;
    UniqueFd socket_;
    std::string id_, input_;
    unsigned said_ = 0, handled_ = 0;
    bool managed_ = false;
};

std::string numbers(const std::vector<unsigned> &all)
{
    std::string out;
    for (const unsigned number : all)
        out.append(std::to_string(number)).append(" ");
    return out;
}

bool is_row(const std::vector<unsigned> &all, unsigned from, unsigned to)
{
    if (all.size() != to - from)
        return false;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i] != from + i)
            return false;
    }
    return true;
}

} // namespace

Failure nothing_is_lost_or_doubled(std::string_view play)
{
    Stage stage;
    Client client{stage};
    client.begin();
    unsigned given = 0;
    std::size_t steps = 0;
    const auto wrong = [&]() -> Failure {
        const std::string &what = client.wrong.empty() ? stage.wrong : client.wrong;
        return what.empty() ? Failure{} : what + " at step " + std::to_string(steps);
    };
    for (const char c : play) {
        if (++steps > most_steps || client.over || stage.ended)
            break;
        const auto byte = static_cast<unsigned char>(c);
        switch (byte % 16) {
        case 0:
        case 1:
        case 2: stage.give(given++); break;
        case 3: client.read(SIZE_MAX); break;
        case 4: client.read(byte); break;
        case 5: client.acknowledge(); break;
        case 6:
        case 7: client.speak(); break;
        case 8: client.drop(); break;
        case 9:
        case 10: client.come_back(byte >> 4, false); break;
        case 11: stage.swap(); break;
        case 12: stage.pass(std::chrono::seconds{byte >> 2}); break;
        case 13: stage.be_full(byte >> 7 != 0); break;
        case 14: client.ask(); break;
        default:
            if (byte == 0xFF)
                client.come_back(0, true);
            else
                client.read(byte >> 4);
        }
        if (const Failure failure = wrong())
            return failure;
    }
    stage.be_full(false);
    stage.turn();
    if (!stage.ended && !client.over)
        client.come_back(0, false);
    client.read(SIZE_MAX);
    stage.turn();
    if (const Failure failure = wrong())
        return failure;
    if (!stage.ended) {
        if (!is_row(client.got, 0, given))
            return "the client has got " + numbers(client.got) + "of " + std::to_string(given);
        if (!is_row(stage.heard, 0, client.said()))
            return "the session manager has got " + numbers(stage.heard) + "of " + std::to_string(client.said());
        return {};
    }
    // What was acknowledged last may not have been heard; what is returned begins there, or before.
    const unsigned first = stage.returned.empty() ? given : stage.returned.front();
    if (!is_row(stage.returned, first, given))
        return "returned are " + numbers(stage.returned) + "of " + std::to_string(given);
    if (first > client.got.size())
        return "the client has " + std::to_string(client.got.size()) + " and the session manager has back those from " +
               std::to_string(first);
    if (!is_row(client.got, 0, static_cast<unsigned>(client.got.size())))
        return "the client has got " + numbers(client.got);
    if (!is_row(stage.heard, 0, static_cast<unsigned>(stage.heard.size())) || stage.heard.size() > client.said())
        return "the session manager has got " + numbers(stage.heard) + "of " + std::to_string(client.said());
    return {};
}

std::string some_play(Random &random)
{
    std::string play(random() % 60, '\0');
    for (char &step : play)
        step = static_cast<char>(random());
    return play;
}

} // namespace jabberd::fuzz
