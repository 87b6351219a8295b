// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/reader.h"

#include "base/view.h"

#include <charconv>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace jabberd::config {

namespace {

// One configuration section being read: where its mistakes go, and whether there were any.
class Reader {
public:
    Reader(const jabberd_host &host, Options &options) : host_(host), options_(options) {}

    void read(const jabberd_config &section, bool classic);
    bool good() const { return good_; }

    void error(const jabberd_config &at, const std::string &message)
    {
        host_.report(&host_, &at, JABBERD_LOG_ERROR, message.c_str());
        good_ = false;
    }

private:
    struct Number {
        std::string_view element;
        std::uint32_t minimum, maximum;
        std::function<void(std::uint32_t)> set;
    };

    void read_listen(const jabberd_config &element, bool classic);
    void read_tls(const jabberd_config &element);
    void read_certificate(const jabberd_config &element);
    void check_direct_listeners();
    void read_host(const jabberd_config &element);
    void read_sasl(const jabberd_config &element);
    void read_see_other_host(const jabberd_config &element);
    void read_limits(const jabberd_config &element);
    void add_listener(const jabberd_config &at, std::string_view address, std::uint16_t port, bool direct_tls);
    bool read_number(const jabberd_config &element, std::span<const Number> numbers);
    void unknown(const jabberd_config &element, std::string_view parent);
    std::optional<std::uint32_t> number(const jabberd_config &at, const std::string &what, std::string_view text,
                                        std::uint32_t minimum, std::uint32_t maximum);

    const jabberd_host &host_;
    Options &options_;
    const jabberd_config *first_direct_ = nullptr; // the first listener for nothing but TLS
    bool good_ = true;
};

void Reader::unknown(const jabberd_config &element, std::string_view parent)
{
    const std::string message =
        "unknown option <" + std::string{element.name} + "/> in <" + std::string{parent} + "/>, ignoring";
    host_.report(&host_, &element, JABBERD_LOG_WARNING, message.c_str());
}

std::optional<std::uint32_t> Reader::number(const jabberd_config &at, const std::string &what, std::string_view text,
                                            std::uint32_t minimum, std::uint32_t maximum)
{
    std::uint32_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem == std::errc{} && end == text.data() + text.size() && value >= minimum && value <= maximum)
        return value;
    error(at, what + " is '" + std::string{text} + "'; it must be a number from " + std::to_string(minimum) + " to " +
                  std::to_string(maximum));
    return std::nullopt;
}

bool Reader::read_number(const jabberd_config &element, std::span<const Number> numbers)
{
    for (const Number &known : numbers) {
        if (known.element != element.name)
            continue;
        if (const auto value =
                number(element, "<" + std::string{element.name} + "/>", element.text, known.minimum, known.maximum))
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

// Ours: <listen port='5222'>address</listen>, and 1.4's <ip port='5222'>address</ip> and <ssl
// port='5223'>address</ssl>. 1.1's: <listen>5222</listen> or <listen>address:port</listen>.
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
    const bool direct_tls = tls != nullptr || std::string_view{element.name} == "ssl";
    if (tls != nullptr && std::string_view{tls} != "direct")
        return error(element,
                     "tls is '" + std::string{tls} +
                         "'; it must be 'direct', for nothing but TLS, or left out: STARTTLS needs no mention");
    if (port_text.empty())
        return add_listener(element, address, direct_tls ? default_direct_tls_port : default_port, direct_tls);
    if (const auto port = number(element, "the port of <" + std::string{element.name} + "/>", port_text, 0, 65535))
        add_listener(element, address, static_cast<std::uint16_t>(*port), direct_tls);
}

// <tls required='yes'><certificate file='…' key='…'/></tls>
void Reader::read_tls(const jabberd_config &tls)
{
    const char *required = jabberd_config_attribute_value(&tls, "required");
    if (required != nullptr && std::string_view{required} != "yes" && std::string_view{required} != "no")
        error(tls, "required is '" + std::string{required} + "'; it must be 'yes' or 'no'");
    options_.tls.required = required == nullptr || std::string_view{required} != "no";
    bool any = false;
    for (const jabberd_config *element = tls.first_child; element != nullptr; element = element->next) {
        if (std::string_view{element->name} != "certificate") {
            unknown(*element, tls.name);
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

void Reader::check_direct_listeners()
{
    if (first_direct_ == nullptr || !options_.tls.certificates.empty() || !good_)
        return;
    constexpr char advice[] = "a port for TLS needs a certificate; add <tls><certificate file='foo.com.pem'/></tls>";
    if (std::string_view{first_direct_->name} != "ssl")
        return error(*first_direct_, advice);
    // jabberd 1.4 had its certificates in another section: nobody who comes from there is left without a server.
    host_.report(&host_, first_direct_, JABBERD_LOG_WARNING, (std::string{advice} + ", ignoring").c_str());
    std::erase_if(options_.listen, [](const Listen &listen) { return listen.direct_tls; });
}

void Reader::read_host(const jabberd_config &element)
{
    // It becomes the server part of an address: nothing there may need escaping or end it.
    if (std::string_view{element.text}.empty() ||
        std::string_view{element.text}.find_first_of("@/&<>'\" \t\r\n") != std::string_view::npos)
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

void Reader::read_see_other_host(const jabberd_config &element)
{
    const std::string_view value = element.text;
    if (value.empty() || value.find_first_of("@/ \t\r\n") != std::string_view::npos)
        return error(element, "<see-other-host/> is '" + std::string{value} +
                                  "'; it must be a host name or address, and may have a port: other.foo.com:5222");
    options_.see_other_host = value;
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
        const std::uint32_t seconds = (defaults.*which).burst / (defaults.*which).per_second;
        return [&target = limits.*which, seconds](std::uint32_t value) {
            target = {value,
                      static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{value} * seconds, gigabyte))};
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
            unknown(*element, limits_element.name);
    }
}

void Reader::read(const jabberd_config &section, bool classic)
{
    const Number numbers[] = {
        {"threads", 0, 256, [this](std::uint32_t n) { options_.threads = n; }},
        {"authtime", 1, 86400, [this](std::uint32_t n) { options_.authtime = std::chrono::seconds{n}; }},
        {"heartbeat", 0, 86400, [this](std::uint32_t n) { options_.heartbeat = std::chrono::seconds{n}; }},
        {"attempts", 1, 1000, [this](std::uint32_t n) { options_.attempts = n; }},
    };
    for (const jabberd_config *element = section.first_child; element != nullptr; element = element->next) {
        const std::string_view name = element->name;
        if (name == "listen" || name == "ip" || (classic && name == "ssl"))
            read_listen(*element, classic && name == "listen");
        else if (name == "tls")
            read_tls(*element);
        else if (name == "host")
            read_host(*element);
        else if (name == "limits")
            read_limits(*element);
        else if (name == "sasl")
            read_sasl(*element);
        else if (name == "see-other-host")
            read_see_other_host(*element);
        else if (!read_number(*element, numbers))
            unknown(*element, section.name);
    }
    check_direct_listeners();
    if (options_.listen.empty() && good_)
        error(section, "<" + std::string{section.name} + "/> has no <listen/>; add for example <listen port='5222'/>");
}

} // namespace

std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service)
{
    Options options;
    options.host = host.name_count > 0 && host.names[0][0] != '\0' ? host.names[0] : host.id;
    Reader reader{host, options};
    for (const char *xmlns : {own_section, section_1_1, section_1_4}) {
        if (const jabberd_config *section = jabberd_config_section(&service, xmlns)) {
            reader.read(*section, xmlns != own_section);
            return reader.good() ? std::optional{options} : std::nullopt;
        }
    }
    reader.error(service, std::string{"this service has no section for its socket manager; add <c2s xmlns='"} +
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
