// SPDX-License-Identifier: LGPL-2.1-or-later
// The plug is pulled at random moments, and the disk fills up: what was acknowledged is there afterwards.
#include "support/running_host.h"
#include "support/user.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace jabberd::test {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;

const std::string no_rates = "<limits><bytes-per-second>0</bytes-per-second><stanzas-per-second>0</stanzas-per-second>"
                             "<attempts-per-second>0</attempts-per-second></limits>";

std::string attribute(const Element &element, const std::string &name)
{
    const auto found = element.attributes.find(name);
    return found == element.attributes.end() ? "" : found->second;
}

// A client that does not mind when the server goes away.
class Writer {
public:
    explicit Writer(std::uint16_t port) : client_(port)
    {
        client_.send("<stream:stream to='localhost' xmlns='jabber:client' "
                     "xmlns:stream='http://etherx.jabber.org/streams'>");
    }

    // The answer; nothing when there is none any more.
    std::optional<Element> asks(const std::string &type, const std::string &query)
    {
        const std::string id = std::to_string(++asked_);
        client_.send("<iq type='" + type + "' id='" + id + "'>" + query + "</iq>");
        while (auto event = client_.receive()) {
            if (event->kind == StreamEvent::Kind::Element && event->element.name == "iq" &&
                attribute(event->element, "id") == id)
                return std::move(event->element);
        }
        return std::nullopt;
    }
    bool sets(const std::string &query)
    {
        const auto answer = asks("set", query);
        return answer && attribute(*answer, "type") == "result";
    }
    // Many at once, which wait for the database together. Those that it said are stored; fewer than asked for: it is
    // gone.
    std::vector<std::string> adds(const std::vector<std::string> &contacts)
    {
        std::string all;
        for (const std::string &contact : contacts)
            all += "<iq type='set' id='" + contact + "'><query xmlns='jabber:iq:roster'><item jid='" + contact +
                   "'/></query></iq>";
        client_.send(all);
        std::vector<std::string> added;
        while (added.size() < contacts.size()) {
            const auto event = client_.receive();
            if (!event)
                break;
            if (event->kind == StreamEvent::Kind::Element && event->element.name == "iq" &&
                attribute(event->element, "type") == "result")
                added.push_back(attribute(event->element, "id"));
        }
        return added;
    }
    bool registers(const std::string &name)
    {
        return sets("<query xmlns='jabber:iq:register'><username>" + name +
                    "</username><password>secret</password></query>");
    }
    bool logs_in(const std::string &name, const std::string &password)
    {
        return sets("<query xmlns='jabber:iq:auth'><username>" + name + "</username><password>" + password +
                    "</password><resource>r</resource></query>");
    }
    void says(const std::string &to, const std::string &body)
    {
        client_.send("<message type='chat' to='" + to + "'><body>" + body + "</body></message>");
    }

private:
    Client client_;
    int asked_ = 0;
};

// What one writer was told is stored, and what it had asked for last and was not told.
struct Written {
    std::string name;
    std::set<std::string> contacts;
    std::string password = "secret", asked_password = "secret";
    std::string card, asked_card;
    std::vector<std::string> accounts;
};

constexpr int burst = 50;

// `begun` counts those who have an account and are logged in.
void write(std::uint16_t port, Written &written, unsigned seed, std::atomic<std::size_t> &begun)
{
    std::mt19937 random{seed};
    Writer writer{port}, stranger{port};
    if (!writer.registers(written.name) || !writer.logs_in(written.name, "secret"))
        return;
    ++begun;
    for (int n = 0;; ++n) {
        const std::string number = std::to_string(n);
        bool stored = false;
        switch (n % 2 == 0 ? 0 : random() % 5) {
        case 0:
        case 1: {
            std::vector<std::string> contacts;
            for (int i = 0; i < burst; ++i)
                contacts.push_back("c" + number + "x" + std::to_string(i) + "@elsewhere.net");
            const auto added = writer.adds(contacts);
            written.contacts.insert(added.begin(), added.end());
            stored = added.size() == contacts.size();
            break;
        }
        case 2:
            written.asked_password = "p" + number;
            stored = writer.sets("<query xmlns='jabber:iq:register'><username>" + written.name +
                                 "</username><password>" + written.asked_password + "</password></query>");
            if (stored)
                written.password = written.asked_password;
            break;
        case 3:
            written.asked_card = number;
            stored = writer.sets("<vCard xmlns='vcard-temp'><FN>" + number + "</FN></vCard>");
            if (stored)
                written.card = number;
            break;
        case 4:
            stored = stranger.registers(written.name + "x" + number);
            if (stored)
                written.accounts.push_back(written.name + "x" + number);
            writer.says("sink@localhost", written.name + " " + number);
            break;
        }
        if (!stored)
            return;
    }
}

std::set<std::string> contacts_of(Writer &writer)
{
    std::set<std::string> contacts;
    const auto answer = writer.asks("get", "<query xmlns='jabber:iq:roster'/>");
    if (answer && !answer->children.empty()) {
        for (const Element &item : answer->children.front().children)
            contacts.insert(attribute(item, "jid"));
    }
    return contacts;
}

std::string card_of(Writer &writer)
{
    const auto answer = writer.asks("get", "<vCard xmlns='vcard-temp'/>");
    return answer ? to_string(*answer) : "";
}

void expect_stored(std::uint16_t port, const Written &written)
{
    Writer writer{port};
    const bool with_the_old = writer.logs_in(written.name, written.password);
    Writer other{port};
    if (!with_the_old && !other.logs_in(written.name, written.asked_password)) {
        ADD_FAILURE() << written.name << " cannot log in";
        return;
    }
    Writer &in = with_the_old ? writer : other;
    EXPECT_THAT(contacts_of(in), IsSupersetOf(written.contacts)) << written.name;
    if (!written.card.empty()) {
        EXPECT_THAT(card_of(in), testing::AnyOf(HasSubstr("<FN>" + written.card + "<"),
                                                HasSubstr("<FN>" + written.asked_card + "<")));
    }
    for (const std::string &name : written.accounts)
        EXPECT_TRUE(Writer{port}.logs_in(name, "secret")) << name;
}

TEST(Plug, PulledAtRandomMomentsTakesNothingThatWasAcknowledged)
{
    RunningHost host{{.sessions = "<offline max='100000' bytes='100000000'/><roster max='100000' bytes='100000000'/>",
                      .sockets = no_rates}};
    register_account(host.port(), "sink");
    std::mt19937 random{20261130};
    std::size_t acknowledged = 0;
    for (int round = 0; round < 4; ++round) {
        std::vector<Written> all(4);
        std::vector<std::thread> threads;
        std::atomic<std::size_t> begun{0};
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].name = "w" + std::to_string(round) + "n" + std::to_string(i);
            threads.emplace_back(
                [&, i, seed = static_cast<unsigned>(random())] { write(host.port(), all[i], seed, begun); });
        }
        const auto deadline = soon();
        while (begun < all.size() && Clock::now() < deadline)
            std::this_thread::yield();
        EXPECT_EQ(begun, all.size());
        std::this_thread::sleep_for(std::chrono::milliseconds{200 + random() % 300}); // the moment, not a wait
        host.pull_the_plug();
        for (std::thread &thread : threads)
            thread.join();
        host.start();
        for (const Written &written : all) {
            expect_stored(host.port(), written);
            acknowledged += written.contacts.size() + written.accounts.size();
        }
    }
    EXPECT_GT(acknowledged, 0u);

    // Of each sender in order, and none twice.
    User sink{host.port(), "sink"};
    sink.say(sink.address(), "end");
    std::map<std::string, int> last;
    while (const auto message = sink.hear()) {
        if (message->body == "end")
            break;
        const auto space = message->body.find(' ');
        const int number = std::stoi(message->body.substr(space));
        const std::string sender = message->body.substr(0, space);
        EXPECT_GT(number, last.contains(sender) ? last[sender] : -1) << message->body;
        last[sender] = number;
    }
}

} // namespace
} // namespace jabberd::test
