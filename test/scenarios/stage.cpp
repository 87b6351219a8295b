// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/stage.h"

#include "base/address.h"
#include "base/view.h"
#include "scenarios/classic/classic_stub.h"
#include "stub/stub_host.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <system_error>
#include <utility>

namespace jabberd::test {

namespace {

constexpr std::string_view component_host = "c2s";
constexpr std::string_view password = "s3cret"; // of everybody, in every scenario

std::string cut(std::string line)
{
    constexpr std::size_t enough = 500;
    if (line.size() > enough)
        line = line.substr(0, enough) + "… (" + std::to_string(line.size()) + " bytes)";
    return line;
}

// What somebody received that no step has asked for, yet: the first few.
class Remainder {
public:
    Remainder(std::string who, std::string &out) : who_{std::move(who)}, out_{out} {}
    Remainder(const Remainder &) = delete;
    Remainder &operator=(const Remainder &) = delete;
    ~Remainder()
    {
        if (count_ > enough)
            out_ += "    (… and " + std::to_string(count_ - enough) + " more)\n";
    }

    void add(const std::string &text)
    {
        if (++count_ <= enough)
            out_ += "    (" + who_ + " also received " + cut(text) + ")\n";
    }

private:
    static constexpr unsigned enough = 5;
    std::string who_;
    std::string &out_;
    unsigned count_ = 0;
};

} // namespace

HostKind host_kind()
{
    const char *program = std::getenv("CLASSIC_STUB");
    if (program == nullptr)
        return HostKind::Native;
    return ClassicStub::dialect_of(program) == ClassicStub::Dialect::Session ? HostKind::ClassicSession
                                                                             : HostKind::ClassicRoute;
}

Stage::Stage(std::string component_path) : component_path_{std::move(component_path)}
{
    captures_["directory"] = std::filesystem::path{directory_.path()}.parent_path().string();
}

Stage::~Stage()
{
    if (sessions_)
        sessions_->hold(); // the component goes first
}

bool plays_over_websockets()
{
    return std::getenv("OVER_WEBSOCKET") != nullptr;
}

std::string Stage::service_xml() const
{
    std::string service = "<service id='" + std::string{component_host} + "'>";
    if (!service_.empty())
        return service + service_ + "</service>";
    service += "<c2s xmlns='jabber:config:socket-manager'>" + section_;
    if (section_.find("<listen") == std::string::npos)
        service += "<listen port='0'>127.0.0.1</listen>";
    if (plays_over_websockets() && section_.find("<websocket") == std::string::npos)
        service += "<websocket/>";
    if (section_.find("<threads") == std::string::npos)
        service += "<threads>1</threads>";
    return service + "</c2s></service>";
}

std::unique_ptr<Stub> Stage::make_host() const
{
    if (const char *program = std::getenv("CLASSIC_STUB"))
        return std::make_unique<ClassicStub>(program, component_path_, service_xml());
    return std::make_unique<StubHost>(component_path_, service_xml());
}

bool Stage::create()
{
    host_ = make_host();
    return host_->create();
}

Stub &Stage::host()
{
    if (host_)
        return *host_;
    if (!create())
        throw Mismatch("the component could not be created from " + service_xml());
    if (!host_->start())
        throw Mismatch("the component did not start");
    running_ = true;
    return *host_;
}

void Stage::stop()
{
    host().stop(200); // clients that do not close, because they are this thread, use it up
    stopped_ = true;
}

void Stage::put_sessions_behind()
{
    if (host_kind() != HostKind::Native)
        throw Skipped("the embedded session manager needs a host of our own");
    sessions_ = std::make_unique<SessionsBehind>(path_of("session_manager"), directory_.path(""), host());
}

std::string Stage::path_of(const std::string &component)
{
    std::string variable = component;
    std::ranges::transform(variable, variable.begin(), [](unsigned char c) { return std::toupper(c); });
    const char *path = std::getenv(variable.c_str());
    if (path == nullptr)
        throw Mismatch(variable + " names no component");
    return path;
}

std::optional<std::string> Stage::try_swap(const Successor &successor)
{
    if (!running_ || stopped_)
        return std::nullopt;
    const std::string before = section_, path = successor.component ? path_of(*successor.component) : component_path_;
    section_ = successor.section.value_or(section_);
    // A file of its own each time: an image of its own.
    const std::filesystem::path copy = directory_.path("swap" + std::to_string(++swaps_) + ".so");
    std::filesystem::copy_file(path, copy);
    if (sessions_)
        sessions_->hold();
    auto problem = host_->swap(copy.string(), service_xml());
    if (sessions_)
        sessions_->release();
    std::filesystem::remove(copy);
    if (problem)
        section_ = before;
    else
        component_path_ = path;
    return problem;
}

void Stage::swap(const Successor &successor)
{
    if (const auto problem = try_swap(successor))
        throw Mismatch("the swap failed: " + *problem);
}

bool Stage::reload(const std::string &section)
{
    auto *native = dynamic_cast<StubHost *>(&host());
    if (native == nullptr)
        throw Skipped("a classic host has its own way to reload");
    const std::string before = std::exchange(section_, section);
    const bool reloaded = native->reload(service_xml());
    if (!reloaded)
        section_ = before;
    return reloaded;
}

void Stage::set_full(bool full, const std::string &name)
{
    if (full) {
        full_.insert(name);
        host().set_full(name);
    } else {
        full_.erase(name);
        host().resume(name);
    }
}

std::uint16_t Stage::port(const std::string &kind)
{
    const auto listeners = host().status("listen");
    const auto listener = std::ranges::find_if(
        listeners, [&](const std::string &address) { return kind.empty() || address.ends_with(" (" + kind + ")"); });
    if (listener == listeners.end())
        throw Mismatch("the component's status has no key \"listen\" of that kind");
    return static_cast<std::uint16_t>(std::stoul(listener->substr(listener->rfind(':') + 1)));
}

std::string Stage::take_port()
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    UniqueFd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (bind(fd.get(), reinterpret_cast<sockaddr *>(&address), size) != 0 || listen(fd.get(), 1) != 0 ||
        getsockname(fd.get(), reinterpret_cast<sockaddr *>(&address), &size) != 0)
        throw Mismatch("no port can be taken");
    taken_.push_back(std::move(fd));
    return std::to_string(ntohs(address.sin_port));
}

bool Stage::listens(const std::string &port) const
{
    try {
        const Client client{static_cast<std::uint16_t>(std::stoul(port))};
        return true;
    } catch (const std::system_error &) {
        return false;
    }
}

Client &Stage::dial(const std::string &name, const std::string &kind_of_port, const std::string &from,
                    std::optional<int> receive_buffer)
{
    auto client = std::make_unique<Client>(port(kind_of_port), from, receive_buffer);
    return *(clients_[name] = std::move(client));
}

Client &Stage::client(const std::string &name)
{
    const auto found = clients_.find(name);
    if (found == clients_.end())
        throw Mismatch(name + " has not dialled");
    return *found->second;
}

std::string Stage::numbered(const std::string &text)
{
    static const std::regex number{R"(\{n\})"};
    const std::lock_guard lock{mutex_};
    const auto found = captures_.find("n");
    return found == captures_.end() ? text : std::regex_replace(text, number, found->second);
}

std::string Stage::filled(const std::string &text, Filling filling)
{
    const std::lock_guard lock{mutex_};
    return fill(expand_repeats(text), captures_, filling);
}

void Stage::capture(const std::string &name, const std::string &value)
{
    const std::lock_guard lock{mutex_};
    captures_[name] = value;
}

void Stage::forget(const std::string &name)
{
    const std::lock_guard lock{mutex_};
    captures_.erase(name);
}

std::optional<std::string> Stage::differs(const Element &expected, const Element &actual)
{
    const std::lock_guard lock{mutex_};
    return difference(expected, actual, captures_);
}

void Stage::tell(const std::string &line)
{
    const std::lock_guard lock{mutex_};
    conversation_.push_back(cut(line));
}

std::string Stage::conversation() const
{
    constexpr std::size_t enough = 60;
    std::string out;
    {
        const std::lock_guard lock{mutex_};
        const std::size_t left_out = conversation_.size() > enough ? conversation_.size() - enough : 0;
        if (left_out > 0)
            out += "    … " + std::to_string(left_out) + " lines before\n";
        for (std::size_t i = left_out; i < conversation_.size(); ++i)
            out += "    " + conversation_[i] + "\n";
    }
    for (const auto &[name, client] : clients_) {
        client->collect();
        Remainder remainder{name, out};
        for (const StreamEvent &event : client->unread())
            remainder.add(event.text());
    }
    if (host_) {
        Remainder remainder{"the host", out};
        host_->packets.for_each([&](const Delivered &delivered) { remainder.add(delivered.text); });
        host_->reports.for_each([&](const Reported &report) {
            out += "    (report, line " + std::to_string(report.line) + ": " + report.message + ")\n";
        });
        host_->log.for_each([&](const Logged &logged) {
            out += "    (log " + std::to_string(logged.level) + ": " + logged.message + logged.fields + ")\n";
        });
    }
    return out;
}

// A stranger connects, and asks something that reaches the host: on the component's one loop that takes several turns,
// and whatever was there before it has been read, and answered, by then. A component that reads nothing because the
// host is full still answers status() from its loop.
void Stage::round_trip()
{
    for (int turn = 0; turn < 3; ++turn)
        host().status("");
    if (full_.contains(""))
        return;
    const std::string mark = "<barrier>" + std::to_string(++round_trips_) + "</barrier>";
    const std::string service = service_xml();
    const auto configured = [&](const char *what) { return service.find(what) != std::string::npos; };
    if (configured("<see-other-host"))
        return; // nobody new gets through
    const std::string address = "127.0.0.250";
    Client stranger{port(), address};
    if (configured("<tls") && !configured("required='no'") && !stranger.begin_tls())
        throw Mismatch("a new connection cannot start TLS");
    stranger.send("<stream:stream to='" + std::string{full_.contains("foo.com") ? "elsewhere.org" : "foo.com"} +
                  "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
    if (!stranger.receive())
        throw Mismatch("a new connection gets no answer");
    stranger.send("<iq type='get' id='b'><query xmlns='jabber:iq:register'>" + mark + "</query></iq>");
    std::string unexpected;
    for (;;) {
        const auto delivered = host().packets.take();
        if (!delivered)
            throw Mismatch("the query of a new connection does not reach the host");
        if (delivered->text.find(mark) != std::string::npos)
            break;
        if (delivered->text.find("<connection xmlns='jabber:socket-manager:connection' address='" + address) !=
            std::string::npos)
            continue; // the session manager is told of it
        unexpected += (unexpected.empty() ? "" : "\n        ") + delivered->text;
    }
    if (!unexpected.empty())
        throw Mismatch("the host received what nobody expected:\n        " + unexpected);
    if (!sessions_)
        return;
    sessions_->settle();
    for (int turn = 0; turn < 3; ++turn) // its answers are written
        host().status("");
}

void Stage::expect_no_packets()
{
    if (!stopped_)
        round_trip();
    if (const auto delivered = host().packets.take(Clock::now()))
        throw Mismatch("the host received what nobody expected:\n        " + delivered->text);
}

void Stage::check_ending()
{
    if (!running_)
        return;
    expect_no_packets();
    for (const auto &[name, client] : clients_) {
        client->collect();
        if (!client->error().empty())
            throw Mismatch(name + " received what is not XML: " + client->error());
        if (!client->unread().empty())
            throw Mismatch(name + " received what nobody expected: " + cut(client->unread().front().text()));
    }
    host().log.for_each([](const Logged &logged) {
        if ((logged.message + logged.fields).find(password) != std::string::npos)
            throw Mismatch("a password was logged: " + logged.message + logged.fields);
    });
    clients_.clear();
    if (const auto problem = host().end())
        throw Mismatch(*problem);
}

void Stage::check_delivered(const Delivered &delivered) const
{
    const jabberd_packet &packet = delivered.packet.packet();
    if (!present(packet.sto) && !present(packet.sfrom) && text(packet.name) == "message" &&
        text(packet.type) == "error")
        return; // for its author, who has no connection here
    if (text(packet.sto).empty() || !same_host(split_address(text(packet.sfrom)).host, component_host))
        throw Mismatch("not routed as a session packet of ours: " + delivered.text);
    for (std::size_t i = 0; i < packet.attribute_count; ++i) {
        if (const auto name = text(packet.attributes[i].name); name == "sto" || name == "sfrom")
            throw Mismatch("two of a kind: " + delivered.text);
    }
    const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
        return std::ranges::find(names, text(packet.name)) != names.end();
    };
    const std::string_view xmlns = present(packet.xmlns) ? text(packet.xmlns) : client_namespace;
    const bool stanza = xmlns == client_namespace && is_one_of({"message", "presence", "iq"});
    const bool sasl = (xmlns == "urn:ietf:params:xml:ns:xmpp-sasl" && is_one_of({"auth", "response", "abort"})) ||
                      (xmlns == "urn:xmpp:sasl:2" && is_one_of({"authenticate", "response", "next", "abort"}));
    const bool relayed =
        xmlns == "urn:xmpp:sm:3" || xmlns == "urn:xmpp:csi:0"; // by no session manager but that of wants.scenario
    const bool answer = xmlns == "jabber:socket-manager:written" && is_one_of({"a"});
    const bool returned = text(packet.type) == "error"; // as it came
    if (!stanza && !sasl && !relayed && !answer && !returned)
        throw Mismatch("nothing a client may send: " + delivered.text);
}

} // namespace jabberd::test
