// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/reader.h"

#include "base/host_name.h"
#include "config/classic_limits.h"
#include "config/io.h"
#include "config/listeners.h"
#include "config/mistake_report.h"
#include "config/stream_management.h"
#include "config/websocket.h"
#include "elements/element.h"
#include "elements/path.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::config {

namespace {

using elements::Element;
using elements::Option;
using elements::Times;

// One configuration section being read.
class Reader {
public:
    Reader(Options &options, MistakeReport &mistakes, bool classic)
        : options_(options), mistakes_(mistakes), classic_(classic)
    {
    }

    // `io`: what holds where the section says nothing.
    void read(const Element &section, const Io &io);

private:
    std::vector<Option> options_of();
    std::vector<Option> limits();

    void read_tls(const Element &element);
    void read_certificate(const Element &element);
    void read_host(const Element &element);
    void read_alias(const Element &element);
    void read_descriptors(const Element &element);
    void read_control(const Element &element);
    void read_sasl(const Element &element);
    void read_plain(const Element &element);
    void read_see_other_host(const Element &element);
    void read_rates(const Element &section, const Io &io);
    Option number(std::string_view name, std::uint32_t minimum, std::uint32_t maximum,
                  std::function<void(std::uint32_t)> set, bool empty_is_0 = false);
    std::string path(const jabberd_config &at, std::string_view text); // "" after an error
    void error(const jabberd_config &at, const std::string &message) { mistakes_.error(at, message); }

    Options &options_;
    MistakeReport &mistakes_;
    const bool classic_;
    Listeners listeners_{options_, mistakes_, classic_};
    const jabberd_config *own_tls_ = nullptr; // the <tls/> with certificates
};

Option Reader::number(std::string_view name, std::uint32_t minimum, std::uint32_t maximum,
                      std::function<void(std::uint32_t)> set, bool empty_is_0)
{
    return {name, [=, this, set = std::move(set)](const Element &element) {
                const std::string_view text = element.text();
                if (const auto value = mistakes_.number(element.at(), tag(element.at()),
                                                        empty_is_0 && text.empty() ? "0" : text, minimum, maximum))
                    set(*value);
            }};
}

std::string Reader::path(const jabberd_config &at, std::string_view text)
{
    std::string why;
    const auto found = elements::path_in(at, text, why);
    if (!found)
        error(at, why);
    return found.value_or("");
}

// <tls required='yes'><certificate file='…' key='…'/></tls>
void Reader::read_tls(const Element &tls)
{
    const char *required = tls.attribute("required");
    if (own_tls_ != nullptr) {
        tls.leave();
        return error(tls.at(), "one more <tls/>, beside that in line " + std::to_string(own_tls_->line) +
                                   "; write all certificates into one, for it is not known which of them says "
                                   "whether TLS is required");
    }
    own_tls_ = &tls.at();
    if (required != nullptr && std::string_view{required} != "yes" && std::string_view{required} != "no")
        error(tls.at(), "required is '" + std::string{required} + "'; it must be 'yes' or 'no'");
    options_.tls.required = required == nullptr || std::string_view{required} != "no";
    if (*tls.text() != '\0' || tls.attribute("port") != nullptr)
        error(tls.at(), "<tls/> with certificates is no port as well; add <listen port='5223' tls='direct'/>");
    bool any = false;
    const auto read_one = [&](const Element &element) {
        any = true;
        read_certificate(element);
    };
    const auto read_self_signed = [&](const Element &element) {
        any = true;
        options_.tls.self_signed = {path(element.at(), element.value("folder")), place_of(element.at())};
    };
    tls.read(std::array{Option{"certificate", read_one, Times::Any}, Option{"self-signed", read_self_signed}});
    if (!any)
        error(tls.at(), "<tls/> has no certificate; add for example <certificate file='foo.com.pem'/>, or "
                        "<self-signed/> to try it out");
}

void Reader::read_certificate(const Element &element)
{
    const std::string_view file = element.value("file"), key = element.value("key");
    CertificateFiles files{path(element.at(), file), key.empty() ? "" : path(element.at(), key),
                           std::string{element.value("self-signed")}, place_of(element.at())};
    if (file.empty())
        return error(element.at(),
                     "<certificate/> names no file; write <certificate file='foo.com.pem' key='foo.com.key'/>");
    if (files.certificate.empty())
        return;
    if (!files.key.empty() && !files.self_signed.empty())
        return error(element.at(), "a self-signed certificate has its key in its own file; leave key out");
    const auto same = std::ranges::find(options_.tls.certificates, files.certificate, &CertificateFiles::certificate);
    if (same != options_.tls.certificates.end())
        return mistakes_.warning(element.at(), "the certificate in " + files.certificate + " once more, as in line " +
                                                   std::to_string(same->place.line));
    options_.tls.certificates.push_back(std::move(files));
}

// <alias to='foo.com'>foo.net</alias>, and <alias to='foo.com'/> for whatever name is left.
void Reader::read_alias(const Element &element)
{
    const std::string_view host = element.value("to"), name = element.text();
    if (!is_host_name(host) || (!name.empty() && !is_host_name(name)))
        return error(element.at(),
                     "<alias to='" + std::string{host} + "'>" + std::string{name} +
                         "</alias> must name two hosts; write <alias to='foo.com'>foo.net</alias>, or <alias "
                         "to='foo.com'/> for all other names");
    const bool again =
        name.empty()
            ? !options_.default_host.empty()
            : std::ranges::any_of(options_.aliases, [&](const Alias &alias) { return same_host(alias.name, name); });
    if (again)
        return mistakes_.warning(element.at(), (name.empty() ? "one more <alias/> for all other names"
                                                             : "one more <alias/> for " + std::string{name}) +
                                                   "; the first one holds");
    if (name.empty())
        options_.default_host = host;
    else
        options_.aliases.push_back({std::string{name}, std::string{host}});
}

// <descriptors from='1024'/>
void Reader::read_descriptors(const Element &element)
{
    if (const auto first =
            mistakes_.number(element.at(), "from of <descriptors/>", element.value("from"), 0, 2'000'000'000))
        options_.first_descriptor = static_cast<int>(*first);
}

void Reader::read_control(const Element &element)
{
    // A classic host's adapter has taken it out before (classic/configuration.cpp).
    element.leave();
    mistakes_.warning(element.at(), "<control/> is for hosts that have no control socket of their own");
}

void Reader::read_host(const Element &element)
{
    // It becomes the server part of an address: nothing there may need escaping or end it.
    const std::string_view host = element.text();
    if (!is_host_name(host))
        return error(element.at(), "<host/> is '" + std::string{host} +
                                       "'; it must be a host name of ours, like c2s or sockets.foo.com");
    options_.host = host;
}

void Reader::read_sasl(const Element &element)
{
    const std::string_view value = element.text();
    if (value == "ask")
        options_.sasl = SessionManagerSasl::Ask;
    else if (value == "yes")
        options_.sasl = SessionManagerSasl::Yes;
    else if (value == "no")
        options_.sasl = SessionManagerSasl::No;
    else
        error(element.at(), "<sasl/> is '" + std::string{value} +
                                "'; it must be ask, yes or no: whether the session manager speaks SASL");
}

void Reader::read_plain(const Element &element)
{
    const std::string_view value = element.text();
    if (value != "tls" && value != "always")
        error(element.at(), "<plain/> is '" + std::string{value} +
                                "'; it must be tls or always: where a client may send its password as it is");
    options_.plain_in_the_clear = value == "always";
}

void Reader::read_see_other_host(const Element &element)
{
    const std::string_view value = element.text();
    if (value.empty() || value.find_first_of("@/ \t\r\n") != std::string_view::npos)
        return error(element.at(), "<see-other-host/> is '" + std::string{value} +
                                       "'; it must be a host name or address, and may have a port: other.foo.com:5222");
    options_.see_other_host = value;
}

// The server's for all its sockets, then the section's own of old; <limits/> is read after both.
void Reader::read_rates(const Element &section, const Io &io)
{
    options_.limits.bytes = io.bytes.value_or(options_.limits.bytes);
    options_.limits.attempts = io.attempts.value_or(options_.limits.attempts);
    if (!classic_)
        return;
    section.read(std::array<Option, 2>{{
        {"karma", [this](const Element &karma) { options_.limits.bytes = read_karma(karma, mistakes_); }},
        {"rate", [this](const Element &rate) { options_.limits.attempts = read_rate(rate, mistakes_); }},
    }});
}

std::vector<Option> Reader::limits()
{
    Limits &limits = options_.limits;
    constexpr std::uint32_t gigabyte = 1u << 30;
    const auto into = [](std::uint32_t &target) { return [&target](std::uint32_t value) { target = value; }; };
    // A burst is given in seconds' worth: twice as fast also means twice the burst.
    // By the defaults, for `target` may be 0 by now, from an earlier <limits/>.
    const Limits defaults;
    const auto rate = [&](net::Rate Limits::*which) {
        const double seconds = (defaults.*which).burst / (defaults.*which).per_second;
        return [&target = limits.*which, seconds](std::uint32_t value) {
            target = {static_cast<double>(value),
                      static_cast<std::uint32_t>(std::min<double>(value * seconds, gigabyte))};
        };
    };
    return {
        number("stanza", 10000, 10'000'000, into(limits.stanza.bytes)), // libxml2 itself ends at 10 MB
        number("stanza-before-login", 1000, 1u << 20, into(limits.stanza_before_login.bytes)),
        number("elements", 100, 1000000, into(limits.stanza.elements)),
        number("attributes", 16, 10000, into(limits.stanza.attributes)),
        number("depth", 16, 256, into(limits.stanza.depth)),
        number("queue", 10000, gigabyte, into(limits.queue)),
        number("memory", 1000000, UINT32_MAX, into(limits.memory)),
        number("memory-per-address", 0, UINT32_MAX, into(limits.memory_per_address)),
        number("connections", 0, 10000000, into(limits.connections)),
        number("connections-per-address", 0, 10000000, into(limits.connections_per_address)),
        number("attempts-per-second", 0, 1000000, rate(&Limits::attempts)),
        number("bytes-per-second", 0, gigabyte, rate(&Limits::bytes)),
        number("stanzas-per-second", 0, 1000000, rate(&Limits::stanzas)),
    };
}

// Every option of the section. One that has a name here is read, and no other is.
std::vector<Option> Reader::options_of()
{
    const auto by = [this](void (Reader::*member)(const Element &)) {
        return [this, member](const Element &element) { (this->*member)(element); };
    };
    const auto listen = [this](const Element &element) { listeners_.read(element, false); };
    std::vector<Option> all{
        {"listen", [this](const Element &element) { listeners_.read(element, classic_); }, Times::Any},
        {"ip", listen, Times::Any},
        {"trusted", [this](const Element &element) { listeners_.read_trusted(element); }, Times::Any},
        {"host", by(&Reader::read_host)},
        {"alias", by(&Reader::read_alias), Times::Any},
        {"noregister", [this](const Element &) { options_.advertise_registration = false; }},
        {"limits", [this](const Element &element) { element.read(limits()); }, Times::Any},
        {"sasl", by(&Reader::read_sasl)},
        {"plain", by(&Reader::read_plain)},
        {"see-other-host", by(&Reader::read_see_other_host)},
        {"websocket", [this](const Element &element) { options_.websocket = read_websocket(element, mistakes_); }},
        {"stream-management",
         [this](const Element &element) { options_.stream_management = read_stream_management(element, mistakes_); }},
        {"descriptors", by(&Reader::read_descriptors)},
        {"control", by(&Reader::read_control)},
        number("threads", 0, 256, [this](std::uint32_t n) { options_.threads = n; }),
        number("attempts", 1, 1000, [this](std::uint32_t n) { options_.attempts = n; }),
        // Without an end to the login any client can use up our connections: ours has one, but those of old may have
        // none.
        number(
            "authtime", classic_ ? 0u : 1u, 86400,
            [this](std::uint32_t n) { options_.authtime = std::chrono::seconds{n}; }, classic_),
        number("stanzatime", 1, 86400, [this](std::uint32_t n) { options_.stanzatime = std::chrono::seconds{n}; }),
        number(
            "heartbeat", 0, 86400, [this](std::uint32_t n) { options_.heartbeat = std::chrono::seconds{n}; }, classic_),
    };
    if (classic_) {
        all.push_back({"ssl", listen, Times::Any});
        all.push_back({"tls",
                       [this](const Element &element) {
                           is_listener(element) ? listeners_.read(element, false) : read_tls(element);
                       },
                       Times::Any});
    } else {
        all.push_back({"tls", by(&Reader::read_tls), Times::Any});
    }
    return all;
}

void Reader::read(const Element &section, const Io &io)
{
    options_.access = io.access;
    read_rates(section, io);
    section.read(options_of());
    // As it was with those: offered, and asked of no client.
    if (own_tls_ == nullptr)
        options_.tls = {.required = false, .certificates = io.certificates};
    listeners_.end(section.at());
}

// One section is read, and the others of ours are not.
const jabberd_config *find_section(const jabberd_config &service, MistakeReport &mistakes)
{
    const jabberd_config *found = nullptr;
    for (const char *xmlns : {own_section, section_1_1, section_1_4}) {
        for (const jabberd_config *section = service.first_child; section != nullptr; section = section->next) {
            if (std::string_view{section->xmlns} != xmlns)
                continue;
            if (found == nullptr)
                found = section;
            else
                mistakes.warning(*section, "one more section for the socket manager, beside that in line " +
                                               std::to_string(found->line) + ", which is the one that is read");
        }
    }
    return found;
}

} // namespace

std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service)
{
    Options options;
    options.host = host.name_count > 0 && host.names[0][0] != '\0' ? host.names[0] : host.id;
    MistakeReport mistakes{host};
    const jabberd_config *section = find_section(service, mistakes);
    if (section == nullptr) {
        mistakes.error(service, std::string{"this service has no section for its socket manager; add <c2s xmlns='"} +
                                    own_section + "'><listen port='5222'/></c2s>");
        return std::nullopt;
    }
    elements::Asked asked;
    const jabberd_config *io_element = find_io(service);
    const Io io = io_element == nullptr ? Io{} : read_io({*io_element, asked}, mistakes);
    Reader{options, mistakes, std::string_view{section->xmlns} != own_section}.read({*section, asked}, io);
    const auto warn = [&](const jabberd_config &at, const std::string &message) { mistakes.warning(at, message); };
    for (const jabberd_config *read : {section, io_element}) {
        if (read != nullptr)
            asked.tell_unread(*read, warn);
    }
    return mistakes.none() ? std::optional{options} : std::nullopt;
}

void report(const jabberd_host &host, const Place &place, jabberd_log_level level, const std::string &message)
{
    jabberd_config at{};
    at.size = sizeof at;
    at.name = place.element.c_str();
    at.xmlns = at.text = "";
    at.file = place.file.c_str();
    at.line = place.line;
    host.report(&host, &at, level, message.c_str());
}

} // namespace jabberd::config
