// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/reader.h"

#include "base/host_name.h"
#include "base/view.h"
#include "config/classic_limits.h"
#include "config/io.h"
#include "config/mistakes.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::config {

namespace {

// One configuration section being read.
class Reader {
public:
    Reader(Options &options, Mistakes &mistakes) : options_(options), mistakes_(mistakes) {}

    // `io`: what holds where the section says nothing.
    void read(const jabberd_config &section, bool classic, const Io &io);

private:
    struct Number {
        std::string_view element;
        std::uint32_t minimum, maximum;
        std::function<void(std::uint32_t)> set;
    };

    void read_listen(const jabberd_config &element, bool classic);
    void read_tls(const jabberd_config &element);
    void read_certificate(const jabberd_config &element);
    void check_direct_listeners(bool classic);
    void read_host(const jabberd_config &element);
    void read_alias(const jabberd_config &element);
    void read_descriptors(const jabberd_config &element);
    void read_control(const jabberd_config &element);
    void read_sasl(const jabberd_config &element);
    void read_plain(const jabberd_config &element);
    void read_see_other_host(const jabberd_config &element);
    void read_rates(const jabberd_config &section, const Io &io, bool classic);
    void read_limits(const jabberd_config &element);
    void add_listener(const jabberd_config &at, std::string_view address, std::uint16_t port, bool direct_tls);
    bool read_number(const jabberd_config &element, std::span<const Number> numbers, bool empty_is_0 = false);
    void error(const jabberd_config &at, const std::string &message) { mistakes_.error(at, message); }

    Options &options_;
    Mistakes &mistakes_;
    const jabberd_config *first_direct_ = nullptr; // the first listener for nothing but TLS
};

bool Reader::read_number(const jabberd_config &element, std::span<const Number> numbers, bool empty_is_0)
{
    const std::string_view text = empty_is_0 && element.text[0] == '\0' ? "0" : element.text;
    for (const Number &known : numbers) {
        if (known.element != element.name)
            continue;
        if (const auto value =
                mistakes_.number(element, "<" + std::string{element.name} + "/>", text, known.minimum, known.maximum))
            known.set(*value);
        return true;
    }
    return false;
}

void Reader::add_listener(const jabberd_config &at, std::string_view address, std::uint16_t port, bool direct_tls)
{
    if (direct_tls && first_direct_ == nullptr)
        first_direct_ = &at;
    // No address means every address: both families, on sockets of their own.
    if (address.empty() || address == "*") {
        options_.listen.push_back({*net::SocketAddress::parse("0.0.0.0", port), direct_tls});
        options_.listen.push_back({*net::SocketAddress::parse("::", port), direct_tls});
        return;
    }
    if (const auto parsed = net::SocketAddress::parse(address, port))
        options_.listen.push_back({*parsed, direct_tls});
    else
        error(at, "'" + std::string{address} +
                      "' is not an IP address; write one like 127.0.0.1 or ::1, or leave it empty to listen on all");
}

// Where a certificate is due, jabberd 1.6 names a port for nothing but TLS: its <tls port='5223'>address</tls> has no
// elements inside, and ours, <tls required='yes'><certificate/></tls>, has no port and no text.
bool is_listener(const jabberd_config &tls)
{
    return tls.first_child == nullptr &&
           (tls.text[0] != '\0' || jabberd_config_attribute_value(&tls, "port") != nullptr);
}

// Ours: <listen port='5222'>address</listen>, and 1.4's <ip port='5222'>address</ip> and <ssl
// port='5223'>address</ssl>, which 1.6 calls <tls/>. 1.1's: <listen>5222</listen> or <listen>address:port</listen>.
void Reader::read_listen(const jabberd_config &element, bool classic)
{
    std::string_view address = element.text;
    const char *port_attribute = jabberd_config_attribute_value(&element, "port");
    std::string_view port_text = port_attribute == nullptr ? std::string_view{} : port_attribute;
    if (classic && port_attribute == nullptr) {
        const auto colon = address.rfind(':');
        port_text = address.substr(colon == std::string_view::npos ? 0 : colon + 1);
        address = address.substr(0, colon == std::string_view::npos ? 0 : colon);
        if (address.starts_with('[') && address.ends_with(']'))
            address = address.substr(1, address.size() - 2);
    }
    const char *tls = jabberd_config_attribute_value(&element, "tls");
    const bool direct_tls =
        tls != nullptr || std::string_view{element.name} == "ssl" || std::string_view{element.name} == "tls";
    if (tls != nullptr && std::string_view{tls} != "direct")
        return error(element,
                     "tls is '" + std::string{tls} +
                         "'; it must be 'direct', for nothing but TLS, or left out: STARTTLS needs no mention");
    if (port_text.empty())
        return add_listener(element, address, direct_tls ? default_direct_tls_port : default_port, direct_tls);
    if (const auto port =
            mistakes_.number(element, "the port of <" + std::string{element.name} + "/>", port_text, 0, 65535))
        add_listener(element, address, static_cast<std::uint16_t>(*port), direct_tls);
}

// <tls required='yes'><certificate file='…' key='…'/></tls>
void Reader::read_tls(const jabberd_config &tls)
{
    const char *required = jabberd_config_attribute_value(&tls, "required");
    if (required != nullptr && std::string_view{required} != "yes" && std::string_view{required} != "no")
        error(tls, "required is '" + std::string{required} + "'; it must be 'yes' or 'no'");
    options_.tls.required = required == nullptr || std::string_view{required} != "no";
    if (tls.text[0] != '\0' || jabberd_config_attribute_value(&tls, "port") != nullptr)
        error(tls, "<tls/> with certificates is no port as well; add <listen port='5223' tls='direct'/>");
    bool any = false;
    for (const jabberd_config *element = tls.first_child; element != nullptr; element = element->next) {
        if (std::string_view{element->name} != "certificate") {
            mistakes_.unknown(*element, tls.name);
            continue;
        }
        any = true;
        read_certificate(*element);
    }
    if (!any)
        error(tls, "<tls/> has no certificate; add for example <certificate file='foo.com.pem'/>, or "
                   "<certificate file='test.pem' self-signed='foo.com'/> to try it out");
}

void Reader::read_certificate(const jabberd_config &element)
{
    const auto attribute = [&](const char *name) {
        const char *value = jabberd_config_attribute_value(&element, name);
        return std::string{value == nullptr ? "" : value};
    };
    const auto beside_configuration = [&](const std::string &file) {
        return file.empty() ? file : (std::filesystem::path{element.file}.parent_path() / file).string();
    };
    CertificateFiles files{beside_configuration(attribute("file")),
                           beside_configuration(attribute("key")),
                           attribute("self-signed"),
                           {element.name, element.file, element.line}};
    if (files.certificate.empty())
        return error(element,
                     "<certificate/> names no file; write <certificate file='foo.com.pem' key='foo.com.key'/>");
    if (!files.key.empty() && !files.self_signed.empty())
        return error(element, "a self-signed certificate has its key in its own file; leave key out");
    options_.tls.certificates.push_back(std::move(files));
}

void Reader::check_direct_listeners(bool classic)
{
    if (first_direct_ == nullptr || !options_.tls.certificates.empty() || !mistakes_.none())
        return;
    constexpr char advice[] = "a port for TLS needs a certificate; add <tls><certificate file='foo.com.pem'/></tls>";
    if (!classic || std::string_view{first_direct_->name} == "listen")
        return error(*first_direct_, advice);
    // jabberd 1.4 had its certificates in another section: nobody who comes from there is left without a server.
    mistakes_.warning(*first_direct_, advice);
    std::erase_if(options_.listen, [](const Listen &listen) { return listen.direct_tls; });
}

// <alias to='foo.com'>foo.net</alias>, and <alias to='foo.com'/> for whatever name is left.
void Reader::read_alias(const jabberd_config &element)
{
    const char *to = jabberd_config_attribute_value(&element, "to");
    const std::string_view host = to == nullptr ? "" : to, name = element.text;
    if (!is_host_name(host) || (!name.empty() && !is_host_name(name)))
        return error(element, "<alias to='" + std::string{host} + "'>" + std::string{name} +
                                  "</alias> must name two hosts; write <alias to='foo.com'>foo.net</alias>, or <alias "
                                  "to='foo.com'/> for all other names");
    if (name.empty())
        options_.default_host = host;
    else
        options_.aliases.push_back({std::string{name}, std::string{host}});
}

// <descriptors from='1024'/>
void Reader::read_descriptors(const jabberd_config &element)
{
    const char *from = jabberd_config_attribute_value(&element, "from");
    if (const auto first =
            mistakes_.number(element, "from of <descriptors/>", from == nullptr ? "" : from, 0, 2'000'000'000))
        options_.first_descriptor = static_cast<int>(*first);
}

void Reader::read_control(const jabberd_config &element)
{
    // A classic host's adapter has taken it out before (classic/configuration.cpp).
    mistakes_.warning(element, "<control/> is for hosts that have no control socket of their own");
}

void Reader::read_host(const jabberd_config &element)
{
    // It becomes the server part of an address: nothing there may need escaping or end it.
    if (!is_host_name(element.text))
        return error(element, "<host/> is '" + std::string{element.text} +
                                  "'; it must be a host name of ours, like c2s or sockets.foo.com");
    options_.host = element.text;
}

void Reader::read_sasl(const jabberd_config &element)
{
    const std::string_view value = element.text;
    if (value == "ask")
        options_.sasl = SessionManagerSasl::Ask;
    else if (value == "yes")
        options_.sasl = SessionManagerSasl::Yes;
    else if (value == "no")
        options_.sasl = SessionManagerSasl::No;
    else
        error(element, "<sasl/> is '" + std::string{value} +
                           "'; it must be ask, yes or no: whether the session manager speaks SASL");
}

void Reader::read_plain(const jabberd_config &element)
{
    const std::string_view value = element.text;
    if (value != "tls" && value != "always")
        error(element, "<plain/> is '" + std::string{value} +
                           "'; it must be tls or always: where a client may send its password as it is");
    options_.plain_in_the_clear = value == "always";
}

void Reader::read_see_other_host(const jabberd_config &element)
{
    const std::string_view value = element.text;
    if (value.empty() || value.find_first_of("@/ \t\r\n") != std::string_view::npos)
        return error(element, "<see-other-host/> is '" + std::string{value} +
                                  "'; it must be a host name or address, and may have a port: other.foo.com:5222");
    options_.see_other_host = value;
}

// The server's for all its sockets, then the section's own of old; <limits/> is read after both.
void Reader::read_rates(const jabberd_config &section, const Io &io, bool classic)
{
    options_.limits.bytes = io.bytes.value_or(options_.limits.bytes);
    options_.limits.attempts = io.attempts.value_or(options_.limits.attempts);
    for (const jabberd_config *element = section.first_child; classic && element != nullptr; element = element->next) {
        if (std::string_view{element->name} == "karma")
            options_.limits.bytes = read_karma(*element, mistakes_);
        else if (std::string_view{element->name} == "rate")
            options_.limits.attempts = read_rate(*element, mistakes_);
    }
}

void Reader::read_limits(const jabberd_config &limits_element)
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
    const Number numbers[] = {
        {"stanza", 10000, 10'000'000, into(limits.stanza.bytes)}, // libxml2 itself ends at 10 MB
        {"stanza-before-login", 1000, 1u << 20, into(limits.stanza_before_login.bytes)},
        {"elements", 100, 1000000, into(limits.stanza.elements)},
        {"attributes", 16, 10000, into(limits.stanza.attributes)},
        {"depth", 16, 256, into(limits.stanza.depth)},
        {"queue", 10000, gigabyte, into(limits.queue)},
        {"memory", 1000000, UINT32_MAX, into(limits.memory)},
        {"connections", 0, 10000000, into(limits.connections)},
        {"connections-per-address", 0, 10000000, into(limits.connections_per_address)},
        {"attempts-per-second", 0, 1000000, rate(&Limits::attempts)},
        {"bytes-per-second", 0, gigabyte, rate(&Limits::bytes)},
        {"stanzas-per-second", 0, 1000000, rate(&Limits::stanzas)},
    };
    for (const jabberd_config *element = limits_element.first_child; element != nullptr; element = element->next) {
        if (!read_number(*element, numbers))
            mistakes_.unknown(*element, limits_element.name);
    }
}

void Reader::read(const jabberd_config &section, bool classic, const Io &io)
{
    // Without an end to the login anybody can use up our connections: ours has one, but those of old may have none.
    const Number numbers[] = {
        {"threads", 0, 256, [this](std::uint32_t n) { options_.threads = n; }},
        {"attempts", 1, 1000, [this](std::uint32_t n) { options_.attempts = n; }},
    };
    const Number seconds[] = {
        {"authtime", classic ? 0u : 1u, 86400,
         [this](std::uint32_t n) { options_.authtime = std::chrono::seconds{n}; }},
        {"stanzatime", 1, 86400, [this](std::uint32_t n) { options_.stanzatime = std::chrono::seconds{n}; }},
        {"heartbeat", 0, 86400, [this](std::uint32_t n) { options_.heartbeat = std::chrono::seconds{n}; }},
    };
    options_.access = io.access;
    read_rates(section, io, classic);
    bool own_tls = false;
    for (const jabberd_config *element = section.first_child; element != nullptr; element = element->next) {
        const std::string_view name = element->name;
        if (name == "listen" || name == "ip" ||
            (classic && (name == "ssl" || (name == "tls" && is_listener(*element))))) {
            read_listen(*element, classic && name == "listen");
        } else if (name == "tls") {
            read_tls(*element);
            own_tls = true;
        } else if (name == "host") {
            read_host(*element);
        } else if (name == "alias") {
            read_alias(*element);
        } else if (name == "noregister") {
            options_.advertise_registration = false;
        } else if (name == "limits") {
            read_limits(*element);
        } else if (name == "sasl") {
            read_sasl(*element);
        } else if (name == "plain") {
            read_plain(*element);
        } else if (name == "see-other-host") {
            read_see_other_host(*element);
        } else if (name == "descriptors") {
            read_descriptors(*element);
        } else if (name == "control") {
            read_control(*element);
        } else if (!(classic && (name == "karma" || name == "rate")) && !read_number(*element, numbers) &&
                   !read_number(*element, seconds, classic)) {
            mistakes_.unknown(*element, section.name);
        }
    }
    // As it was with those: offered, and asked of nobody.
    if (!own_tls)
        options_.tls = {.required = false, .certificates = io.certificates};
    check_direct_listeners(classic);
    if (options_.listen.empty() && mistakes_.none())
        error(section, "<" + std::string{section.name} + "/> has no <listen/>; add for example <listen port='5222'/>");
}

} // namespace

std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service)
{
    Options options;
    options.host = host.name_count > 0 && host.names[0][0] != '\0' ? host.names[0] : host.id;
    Mistakes mistakes{host};
    for (const char *xmlns : {own_section, section_1_1, section_1_4}) {
        if (const jabberd_config *section = jabberd_config_section(&service, xmlns)) {
            const jabberd_config *io = find_io(service);
            Reader{options, mistakes}.read(*section, xmlns != own_section,
                                           io == nullptr ? Io{} : read_io(*io, mistakes));
            return mistakes.none() ? std::optional{options} : std::nullopt;
        }
    }
    mistakes.error(service, std::string{"this service has no section for its socket manager; add <c2s xmlns='"} +
                                own_section + "'><listen port='5222'/></c2s>");
    return std::nullopt;
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
