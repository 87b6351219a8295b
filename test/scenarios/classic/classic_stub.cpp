// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenarios/classic/classic_stub.h"

#include "base/view.h"
#include "support/packet_from_xml.h"
#include "xml/packet_text.h"

#include <filesystem>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace jabberd::test {

namespace {

constexpr std::string_view echo_address = "0@c2s/echo"; // no connection has that place

void replace(std::string &text, std::string_view from, std::string_view to)
{
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

jabberd_log_level level_of(const std::string &name)
{
    if (name == "alert")
        return JABBERD_LOG_ERROR;
    return name == "warn" ? JABBERD_LOG_WARNING : JABBERD_LOG_NOTICE;
}

} // namespace

ClassicStub::Dialect ClassicStub::dialect_of(const std::string &program)
{
    const std::string name = std::filesystem::path{program}.filename();
    if (name.find("1_1") != std::string::npos)
        return Dialect::Session;
    return name.find("1_6") != std::string::npos ? Dialect::RouteInNamespaces : Dialect::Route;
}

ClassicStub::ClassicStub(std::string program, std::string component_path, std::string service_xml)
    : program_{std::move(program)}
    , component_path_{std::move(component_path)}
    , service_xml_{std::move(service_xml)}
    , dialect_{dialect_of(program_)}
{
}

ClassicStub::~ClassicStub()
{
    server_.reset();
    script_.reset();
}

std::string ClassicStub::configuration() const
{
    std::string service = service_xml_;
    std::string load = "<load><pthsock_client>" + component_path_ + "</pthsock_client></load>";
    if (dialect_ == Dialect::Session)
        load += "<host>c2s</host>"; // the id is an address in later ones
    service.insert(service.find('>') + 1, load);
    // The control socket is one more option of our section.
    if (const auto section = service.find("jabber:config:socket-manager"); section != std::string::npos)
        service.insert(service.find('>', section) + 1, "<control>control</control>");
    return "<jabber>\n<service id='sessions'><host>foo.com</host><host>bar.org</host><host>evil.com</host>"
           "<host>nosuch.example</host><session_manager kind='scripted' socket='" +
           directory_.path("script") + "'/></service>\n" + service + "\n</jabber>\n";
}

bool ClassicStub::create()
{
    script_.emplace(directory_.path("script"));
    file_ = directory_.write("jabber.xml", configuration());
    run_server();
    return true;
}

void ClassicStub::run_server()
{
    server_.emplace(std::vector<std::string>{program_, "-c", file_, "--grace", "0.02"},
                    [this](const std::string &line) { printed(line); });
    if (!server_->wait_for("stub: ready", soon()))
        throw std::runtime_error("the host does not start:\n" + server_->output());
    script_->start([this](const std::string &element) { on_element(element); });
}

void ClassicStub::restart()
{
    server_.reset();
    run_server();
    if (!start())
        throw std::runtime_error("the component does not start again:\n" + server_->output());
}

// The host starts it in its own time.
bool ClassicStub::start()
{
    for (const auto deadline = soon(); Clock::now() < deadline; std::this_thread::yield()) {
        if (!status("listen").empty())
            return true;
    }
    return false;
}

void ClassicStub::stop(unsigned)
{
    if (const auto problem = end())
        throw std::runtime_error(*problem);
}

std::optional<std::string> ClassicStub::end()
{
    if (!server_)
        return std::nullopt;
    const int status = server_->stop();
    const std::string output = server_->output();
    server_.reset();
    if (status == 0 && output.find("stub: 0 packets leaked\n") != std::string::npos)
        return std::nullopt;
    return "the host ended with " + std::to_string(status) + ":\n" + output;
}

std::optional<std::string> ClassicStub::swap(const std::string &component_path,
                                             const std::optional<std::string> &service_xml)
{
    if (service_xml && *service_xml != service_xml_)
        return "a classic host swaps with the section that it has";
    const std::string answer = ask_control(directory_.path("control"), "swap c2s " + component_path);
    if (answer.find("\"swapped\":true") == std::string::npos)
        return "the host says: " + answer;
    return std::nullopt;
}

// Where the component has to refuse it, it is the sender who learns that.
jabberd_result ClassicStub::give(const jabberd_packet &packet)
{
    refused_ = false;
    if (dialect_ == Dialect::Session) {
        std::string element;
        xml::append_packet(element, packet);
        say_on_wire(std::move(element));
    } else {
        for (const std::string &element : sessions_.says(packet).routes)
            say_on_wire(element);
    }
    if (script_->is_taking())
        return JABBERD_DONE;
    round_trip();
    return refused_ ? JABBERD_ERROR : JABBERD_DONE;
}

void ClassicStub::say(const std::string &elements)
{
    say_on_wire(elements);
    round_trip();
}

void ClassicStub::say_on_wire(std::string element)
{
    if (dialect_ == Dialect::RouteInNamespaces) {
        replace(element, "xmlns='jabber:client'", "xmlns='jabber:server'");
        replace(element, "xmlns=\"jabber:client\"", "xmlns='jabber:server'");
        const auto name_end = element.find_first_of(" />");
        if (element.substr(0, element.find('>')).find(" xmlns='") == std::string::npos)
            element.insert(name_end, " xmlns='jabber:server'");
    }
    script_->say(element);
}

// A message for nobody comes back at once. All that was said before has reached the component by then.
void ClassicStub::round_trip()
{
    std::unique_lock lock{mutex_};
    const std::string echo = std::string{echo_address} + std::to_string(++asked_echoes_);
    lock.unlock();
    if (dialect_ == Dialect::Session)
        say_on_wire("<message sto='" + echo + "' sfrom='echo@foo.com/echo'/>");
    else
        say_on_wire("<route to='" + echo + "' from='echo@foo.com/echo'><message/></route>");
    lock.lock();
    if (!echoed_.wait_until(lock, soon(), [this] { return echoes_ == asked_echoes_; }))
        throw std::runtime_error("the host does not answer:\n" + (server_ ? server_->output() : "it has ended"));
}

void ClassicStub::set_reaction(Reaction reaction)
{
    const std::lock_guard lock{mutex_};
    reaction_ = std::make_shared<const Reaction>(std::move(reaction));
}

void ClassicStub::set_full(const std::string &)
{
    throw std::runtime_error("a classic host is never full");
}

void ClassicStub::resume(const std::string &name)
{
    set_full(name);
}

std::vector<std::string> ClassicStub::status(const std::string &key)
{
    round_trip();
    const std::string answer = ask_control(directory_.path("control"), "status");
    const std::string beginning = "\"" + key + "\":\"";
    const auto begin = answer.find(beginning);
    if (begin == std::string::npos)
        return {};
    // Several are joined, with a comma between two.
    const auto value = begin + beginning.size();
    std::stringstream joined{answer.substr(value, answer.find('"', value) - value)};
    std::vector<std::string> values;
    for (std::string one; std::getline(joined >> std::ws, one, ',');)
        values.push_back(one);
    return values;
}

jabberd_log_level ClassicStub::level_in_log(jabberd_log_level level) const
{
    return level == JABBERD_LOG_INFO ? JABBERD_LOG_NOTICE : level;
}

void ClassicStub::printed(const std::string &line)
{
    static const std::regex line_of_log{R"(log_(\w+) \S+: (.*))"}, report{R"(\S*/?([^/ ]+):(\d+): (.*))"};
    std::smatch parts;
    if (!std::regex_match(line, parts, line_of_log))
        return log.add({JABBERD_LOG_NOTICE, line, ""});
    const jabberd_log_level level = level_of(parts[1]);
    const std::string message = parts[2];
    if (std::regex_match(message, parts, report))
        reports.add({level, parts[3], parts[1], static_cast<unsigned>(std::stoul(parts[2]))});
    log.add({level, message, ""});
}

void ClassicStub::on_element(const std::string &element)
try {
    std::string text = element;
    if (dialect_ == Dialect::RouteInNamespaces)
        replace(text, "xmlns='jabber:server'", "xmlns='jabber:client'");
    replace(text, "xmlns=\"jabber:server\"", "xmlns='jabber:client'");
    const OwnedPacket owned = packet_from_xml(text);
    const jabberd_packet &packet = owned.packet();
    if (const std::string_view from = jabberd::text(present(packet.sfrom) ? packet.sfrom : packet.from);
        from.starts_with(echo_address)) {
        const std::lock_guard lock{mutex_};
        echoes_ = static_cast<unsigned>(std::stoul(std::string{from.substr(echo_address.size())}));
        return echoed_.notify_all();
    }
    const bool bounced = !present(packet.sto) && jabberd::text(packet.name) != "route";
    if (translating_ && bounced && jabberd::text(packet.type) == "error") {
        refused_ = true;
        return;
    }
    if (!translating_ || dialect_ == Dialect::Session)
        return record(text);
    const RouteSessionManager::Said said = sessions_.hears(packet);
    for (const std::string &route : said.routes)
        say_on_wire(route);
    for (const std::string &shown : said.packets)
        record(shown);
} catch (const std::exception &problem) {
    log.add({JABBERD_LOG_ERROR, "cannot be read: " + element + ": " + problem.what(), ""});
    packets.add({packet_from_xml("<unreadable/>"), "<unreadable/>"}); // which nobody expects
}

void ClassicStub::record(const std::string &packet)
{
    Delivered delivered{packet_from_xml(packet), packet};
    std::shared_ptr<const Reaction> reaction; // no lock is held while it runs: it may give()
    {
        const std::lock_guard lock{mutex_};
        reaction = reaction_;
    }
    if (!reaction || !(*reaction)(delivered))
        packets.add(std::move(delivered));
}

} // namespace jabberd::test
