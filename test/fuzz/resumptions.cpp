// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/resumptions.h"

#include "fuzz/resumption_stage.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace jabberd::fuzz {

namespace {

constexpr std::size_t most_steps = 200;
constexpr char header[] = "<stream:stream to='foo.com' version='1.0' xmlns='jabber:client' "
                          "xmlns:stream='http://etherx.jabber.org/streams'>";

std::string attribute_of(std::string_view element, std::string_view name)
{
    const std::string begin = " " + std::string{name} + "='";
    const auto at = element.find(begin);
    if (at == std::string_view::npos)
        return {};
    element.remove_prefix(at + begin.size());
    return std::string{element.substr(0, element.find('\''))};
}

// Keeps what it has sent until that is acknowledged, as XEP-0198 wants it.
class Client {
public:
    explicit Client(ResumptionStage &stage) : stage_(stage) {}

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
            const std::size_t begin = input_.find('<'); // behind white space that keeps the connection alive
            const std::string element = input_.substr(begin, end + 2 - begin);
            input_.erase(0, end + 2);
            if (element.starts_with("<message"))
                got.push_back(static_cast<unsigned>(std::stoul(attribute_of(element, "id"))));
            else if (element.starts_with("<a "))
                handled_ = static_cast<unsigned>(std::stoul(attribute_of(element, "h")));
        }
    }

    ResumptionStage &stage_;
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
    ResumptionStage stage;
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
