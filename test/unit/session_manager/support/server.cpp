// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/server.h"

#include "base/view.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"

#include <jabberd/inspect.h>

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

// The component under test, as a host would look it up.
extern "C" const jabberd_component component_under_test __asm__(JABBERD_COMPONENT_SYMBOL);

namespace jabberd::test {

Server::Server(std::string_view options)
{
    std::string pattern = (std::filesystem::temp_directory_path() / "session-manager-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    create(options);
}

Server::~Server()
{
    destroy();
    std::filesystem::remove_all(directory_);
}

std::unique_ptr<Config> Server::configuration(std::string_view options) const
{
    return std::make_unique<Config>(
        "<service id='sessions'><sessions xmlns='jabber:config:session-manager'><database>accounts.db</database>" +
            std::string{options} + "</sessions></service>",
        (directory_ / "jabber.xml").string());
}

void Server::create(std::string_view options)
{
    instance_ = component_under_test.create(host.host(), &configuration(options)->root());
    if (instance_ == nullptr || !component_under_test.start(instance_))
        throw std::runtime_error{"the session manager does not start"};
}

void Server::destroy()
{
    if (instance_ != nullptr)
        component_under_test.destroy(instance_);
    instance_ = nullptr;
}

void Server::restart(std::string_view options)
{
    destroy();
    create(options);
}

bool Server::reload(std::string_view options)
{
    return component_under_test.reload(instance_, &configuration(options)->root());
}

void Server::stop()
{
    component_under_test.stop(instance_, 5000);
}

void Server::resume()
{
    component_under_test.resume(instance_);
}

std::string Server::next(const std::string &sto)
{
    const OwnedPacket packet = host.next(sto);
    return packet ? canonical(packet.packet()) : "(nothing)";
}

std::string Server::status()
{
    std::string out;
    const auto *inspect =
        static_cast<const jabberd_inspect *>(component_under_test.get_extension(instance_, JABBERD_INSPECT));
    inspect->status(
        instance_,
        [](void *data, jabberd_view key, jabberd_view value) {
            static_cast<std::string *>(data)->append(text(key)).append("=").append(text(value)).append(" ");
        },
        &out);
    return out;
}

namespace {

// jabberd-ctl without a host between.
struct Operator {
    std::string secret = {}, input = {};
    Server::Ran ran = {};

    template <typename Run>
    Server::Ran asks(const std::vector<std::string> &words, Run run)
    {
        std::vector<jabberd_view> arguments;
        for (const std::string &word : words)
            arguments.push_back(view(word));
        const jabberd_command_call call{
            sizeof call, view("accounts"), arguments.data(), arguments.size(), this, output, error, read, give_secret};
        ran.status = run(call);
        return ran;
    }

    static Operator &of(const jabberd_command_call *call) { return *static_cast<Operator *>(call->host_data); }
    static bool output(const jabberd_command_call *call, jabberd_view words)
    {
        of(call).ran.output += text(words);
        return true;
    }
    static bool error(const jabberd_command_call *call, jabberd_view words)
    {
        of(call).ran.errors += text(words);
        return true;
    }
    // A few bytes at a time, as they may come.
    static ptrdiff_t read(const jabberd_command_call *call, char *buffer, std::size_t capacity)
    {
        std::string &rest = of(call).input;
        const std::size_t count = rest.copy(buffer, std::min<std::size_t>(capacity, 37));
        rest.erase(0, count);
        return static_cast<ptrdiff_t>(count);
    }
    static ptrdiff_t give_secret(const jabberd_command_call *call, jabberd_view, bool, char *buffer,
                                 std::size_t capacity)
    {
        const std::string &given = of(call).secret;
        return given.empty() ? JABBERD_COMMAND_REFUSED : static_cast<ptrdiff_t>(given.copy(buffer, capacity));
    }
};

} // namespace

const jabberd_commands &Server::commands() const
{
    return *static_cast<const jabberd_commands *>(component_under_test.get_extension(instance_, JABBERD_COMMANDS));
}

Server::Ran Server::runs(const std::vector<std::string> &words, const std::string &secret, const std::string &input)
{
    return Operator{secret, input}.asks(
        words, [this](const jabberd_command_call &call) { return commands().run(instance_, &call); });
}

std::string Server::completes(const std::vector<std::string> &words)
{
    return Operator{}
        .asks(words,
              [this](const jabberd_command_call &call) {
                  commands().complete(instance_, &call);
                  return JABBERD_COMMAND_DONE;
              })
        .output;
}

std::string Server::advice()
{
    std::string all;
    commands().advise(
        instance_,
        [](void *data, jabberd_view command, jabberd_view purpose) {
            static_cast<std::string *>(data)->append(text(command)).append(": ").append(text(purpose));
        },
        &all);
    return all;
}

std::string Server::database_bytes() const
{
    std::ostringstream all;
    for (const auto &file : std::filesystem::directory_iterator{directory_})
        all << std::ifstream{file.path(), std::ios::binary}.rdbuf();
    return all.str();
}

std::string Server::new_connection()
{
    const std::string number = std::to_string(++connections_);
    return number + "@c2s/token" + number;
}

void Server::register_account(std::string_view user, std::string_view password)
{
    const std::string connection = new_connection();
    sends("<iq type='set' id='reg' sto='foo.com' sfrom='" + connection +
          "'><query xmlns='jabber:iq:register'><username>" + std::string{user} + "</username><password>" +
          std::string{password} + "</password></query></iq>");
    next(connection); // there may be one already
}

ConnectedClient Server::log_in(std::string_view user, std::string_view resource)
{
    register_account(user);
    const std::string connection = new_connection();
    sends("<iq type='set' id='auth' sto='foo.com' sfrom='" + connection + "'><query xmlns='jabber:iq:auth'><username>" +
          std::string{user} + "</username><password>secret</password><resource>" + std::string{resource} +
          "</resource></query></iq>");
    const OwnedPacket accepted = host.next(connection);
    if (!accepted)
        throw std::runtime_error{"no answer to a login"};
    EXPECT_EQ(text(accepted.packet().type), "result");
    status(); // waits for the storage thread: what is sent from now on finds a user at rest
    return {*this, connection, std::string{text(accepted.packet().sfrom)}};
}

jabberd_result ConnectedClient::sends(std::string_view xml)
{
    const OwnedPacket owned = packet_from_xml(xml);
    jabberd_packet packet = owned.packet();
    packet.sto = view(session);
    packet.sfrom = view(connection);
    return server_->host.handle(packet);
}

std::string ConnectedClient::gets()
{
    const OwnedPacket owned = server_->host.next(connection);
    if (!owned)
        return "(nothing)";
    jabberd_packet packet = owned.packet();
    packet.sto = packet.sfrom = {};
    return canonical(packet);
}

bool ConnectedClient::is_quiet()
{
    // Twice through the storage thread: what was sent before may have gone there, and come back.
    for (int i = 0; i < 2; ++i) {
        sends("<iq type='get' id='fence'><query xmlns='jabber:iq:private'><x xmlns='fence'/></query></iq>");
        const std::string next = gets();
        if (next.find("id='fence'") != std::string::npos)
            continue;
        ADD_FAILURE() << session << " got " << next;
        return false;
    }
    return true;
}

void ConnectedClient::comes_online(std::string_view priority)
{
    sends("<presence><priority>" + std::string{priority} + "</priority></presence>");
    gets(); // its own
}

void ConnectedClient::disconnects()
{
    server_->host.handle(packet::disconnected_notice(session, connection));
}

void ConnectedClient::returns(std::string_view stanza)
{
    const OwnedPacket owned = packet_from_xml(stanza);
    jabberd_packet packet = owned.packet();
    packet.sto = view(connection);
    packet.sfrom = view(session);
    const packet::ReturnedPacket returned{packet, packet::Undelivered::Disconnected};
    server_->host.handle(returned.packet());
}

void befriend(ConnectedClient &one, ConnectedClient &other)
{
    const auto bare = [](const ConnectedClient &client) { return client.session.substr(0, client.session.find('/')); };
    for (const auto &[asker, asked] : {std::pair{&one, &other}, std::pair{&other, &one}}) {
        asker->sends("<presence type='subscribe' to='" + bare(*asked) + "'/>");
        asked->gets();
        asked->sends("<presence type='subscribed' to='" + bare(*asker) + "'/>");
        asker->gets(); // subscribed
        asker->gets(); // presence
    }
    EXPECT_TRUE(one.is_quiet());
    EXPECT_TRUE(other.is_quiet());
}

} // namespace jabberd::test
