// SPDX-License-Identifier: LGPL-2.1-or-later
#include "component_stream/config/options.h"

#include "base/host_name.h"
#include "elements/section_reader.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace jabberd::component_stream {

namespace {

constexpr unsigned max_port = 65535;
constexpr unsigned max_seconds = 86400;
constexpr unsigned min_bytes = 10000, max_bytes = 1 << 28; // a stanza of the usual size gets in
constexpr std::string_view example = "<accept><ip>127.0.0.1</ip><port>5347</port><secret>…</secret>"
                                     "<host>rooms.foo.com</host></accept>";

using elements::Element;

class Reader : private elements::SectionReader {
public:
    Reader(const jabberd_host &host, const jabberd_config &service) : SectionReader(host), service_(service) {}

    std::optional<Options> read()
    {
        const jabberd_config *section = jabberd_config_section(&service_, options_namespace);
        if (section == nullptr) {
            error(service_, std::string{"needs a section <component-stream xmlns='"} + options_namespace + "'> with " +
                                std::string{example});
            return std::nullopt;
        }
        elements::Asked asked;
        Element{*section, asked}.read(std::array{
            elements::Option{"accept", [&](const Element &e) { endpoint(e, Role::Accept); }, elements::Times::Any},
            elements::Option{"connect", [&](const Element &e) { endpoint(e, Role::Connect); }, elements::Times::Any}});
        tell_unread(*section, asked, "component streams");
        if (options_.endpoints.empty() && !failed())
            error(*section, "needs an <accept> or a <connect>: " + std::string{example});
        if (failed())
            return std::nullopt;
        return std::move(options_);
    }

private:
    void seconds(const Element &element, std::chrono::seconds &value)
    {
        auto count = value.count();
        number(element, 1, max_seconds, count);
        value = std::chrono::seconds{count};
    }

    void dialect(const Element &element, EndpointOptions &options)
    {
        const std::string_view text = element.text();
        if (text == "component")
            options.dialect = Dialect::Component;
        else if (text == "session")
            options.dialect = Dialect::Session;
        else if (text == "route")
            options.dialect = Dialect::Route;
        else
            error(element.at(), "<dialect> must be 'component' (XEP-0114), 'session' (jabberd 1.1) or 'route' "
                                "(jabberd 1.2 to 1.6), not '" +
                                    std::string{text} + "'");
    }

    void host(const Element &element, EndpointOptions &options)
    {
        const std::string name = element.text();
        if (!is_host_name(name))
            return error(element.at(), "<host> is '" + name + "'; it must be a host name, like rooms.foo.com");
        for (const auto &[other, line] : hosts_) {
            if (same_host(other, name))
                return error(element.at(), "<host> " + name + " is that of line " + std::to_string(line) + " already");
        }
        hosts_.emplace_back(name, element.at().line);
        options.hosts.push_back(name);
    }

    void sender(const Element &element, EndpointOptions &options)
    {
        const std::string name = element.text();
        if (options.role == Role::Accept)
            return error(element.at(), "<to> is of a <connect>: who connects to us says who it is");
        if (name.empty())
            return error(element.at(),
                         "<to> is empty; it says who we are there, and is left out where that is a <host>");
        if (options.greeting.empty())
            options.greeting = name;
        options.senders.push_back(name);
    }

    // Those of the service, where it has any that a peer could have.
    void default_hosts(const jabberd_config &at, EndpointOptions &options)
    {
        if (!options.hosts.empty())
            return;
        for (std::size_t i = 0; i < SectionReader::host().name_count; ++i) {
            const std::string name = SectionReader::host().names[i];
            const bool used = std::ranges::any_of(hosts_, [&](const auto &h) { return same_host(h.first, name); });
            if (!name.empty() && name != SectionReader::host().id && !used) {
                options.hosts.push_back(name);
                hosts_.emplace_back(name, at.line);
            }
        }
        if (options.hosts.empty())
            error(at, "<" + std::string{at.name} +
                          "> needs <host>rooms.foo.com</host>, the name of what is at its other end; more of them for "
                          "more names");
    }

    void endpoint(const Element &element, Role role)
    {
        auto options = std::make_shared<EndpointOptions>();
        options->role = role;
        options->line = element.at().line;
        std::string ip, secret_text;
        unsigned port = 0;
        std::optional<bool> sessions;
        std::optional<std::string> names;
        const unsigned errors_before = errors();
        const std::array known{
            elements::Option{"ip", [&](const Element &e) { ip = e.text(); }},
            elements::Option{"port",
                             [&](const Element &e) { number(e, role == Role::Accept ? 0 : 1, max_port, port); }},
            elements::Option{"secret", [&](const Element &e) { options->secret = e.text(); }},
            elements::Option{"host", [&](const Element &e) { host(e, *options); }, elements::Times::Any},
            elements::Option{"dialect", [&](const Element &e) { dialect(e, *options); }},
            elements::Option{"sessions",
                             [&](const Element &e) {
                                 yes_or_no(e, options->sessions);
                                 sessions = options->sessions;
                             }},
            elements::Option{"trusted", [&](const Element &e) { yes_or_no(e, options->trusted); }},
            elements::Option{"names",
                             [&](const Element &e) {
                                 names = e.text();
                                 if (*names != "each" && *names != "all")
                                     error(e.at(), "<names> must be 'each' (a stream has the one name in its header) "
                                                   "or 'all' (it has every <host>), not '" +
                                                       *names + "'");
                             }},
            elements::Option{"to", [&](const Element &e) { sender(e, *options); }, elements::Times::Any},
            elements::Option{"keepalive", [&](const Element &e) { seconds(e, options->keepalive); }},
            elements::Option{"authtime", [&](const Element &e) { seconds(e, options->authtime); }},
            elements::Option{"queue", [&](const Element &e) { number(e, min_bytes, max_bytes, options->queue); }},
            elements::Option{"stanza",
                             [&](const Element &e) { number(e, min_bytes, max_bytes, options->stanza.bytes); }},
            elements::Option{"tls", [&](const Element &e) { tls(e, *options); }}};
        element.read(known);
        check_address(element.at(), *options, ip, port, jabberd_config_child(&element.at(), "port") != nullptr);
        if (options->secret.empty())
            error(element.at(),
                  "<" + std::string{element.name()} + "> needs a <secret>, the one that its other end has");
        check_sessions(element.at(), *options, sessions);
        if (options->sessions)
            options->senders.clear(); // what crosses is of sessions, and the peer knows of them
        default_hosts(element.at(), *options);
        options->all_names = names ? *names == "all" : role == Role::Connect || options->dialect != Dialect::Component;
        if (options->greeting.empty() && !options->hosts.empty())
            options->greeting = options->dialect == Dialect::Route ? SectionReader::host().id : options->hosts.front();
        if (errors() == errors_before)
            options_.endpoints.push_back(std::move(options));
    }

    void tls(const Element &element, EndpointOptions &options)
    {
        // A component is as old as its language's TLS library: some have 1.2 only.
        tls::PeerTlsOptions files;
        files.oldest = TLS1_2_VERSION;
        const char *name = element.attribute("name");
        const auto certificate = [&](const Element &e) {
            if (const char *file = e.attribute("file"))
                files.certificate = path(e, file);
            if (const char *key = e.attribute("key"))
                files.key = path(e, key);
            if (files.certificate.empty())
                error(e.at(), "<certificate> needs file='…', and key='…' unless the key is in the same file");
        };
        const auto authority = [&](const Element &e) {
            if (const char *file = e.attribute("file"))
                files.authority = path(e, file);
            else
                error(e.at(), "<authority> needs file='…', the certificates of who has signed the peer's");
        };
        const unsigned errors_before = errors();
        element.read(
            std::array{elements::Option{"certificate", certificate}, elements::Option{"authority", authority}});
        if (errors() != errors_before)
            return;
        if (options.role == Role::Accept && files.certificate.empty())
            return error(element.at(), "<tls> of an <accept> needs <certificate file='…' key='…'/>, ours");
        if (options.role == Role::Accept && name != nullptr)
            return error(element.at(),
                         "<tls> has name='…' in a <connect> only: who comes shows by the secret who it is");
        if (options.role == Role::Connect && name == nullptr)
            return error(element.at(),
                         "<tls> of a <connect> needs name='…', the host that the certificate there is for");
        if (name != nullptr && !is_host_name(name))
            return error(element.at(), std::string{"<tls name='"} + name + "'> must be a host name, like old.foo.com");
        files.name = name == nullptr ? "" : name;
        try {
            options.tls = std::make_shared<tls::PeerTls>(files);
        } catch (const tls::PeerTlsError &problem) {
            error(element.at(), problem.what());
        }
    }

    void check_address(const jabberd_config &at, EndpointOptions &options, const std::string &ip, unsigned port,
                       bool has_port)
    {
        const std::string element{at.name};
        if (!has_port)
            error(at, "<" + element + "> needs a <port>");
        const auto address = net::SocketAddress::parse(ip, static_cast<std::uint16_t>(port));
        if (!address)
            return error(at, "<" + element + "> needs an <ip>, like 127.0.0.1 or ::1" +
                                 (ip.empty() ? "" : ", not '" + ip + "': no name is looked up"));
        options.address = *address;
        for (const auto &other : options_.endpoints) {
            if (other->key() == options.key() && port != 0)
                return error(at, "<" + element + "> has the address of line " + std::to_string(other->line) +
                                     "; several <host> may be in one");
        }
    }

    void check_sessions(const jabberd_config &at, EndpointOptions &options, std::optional<bool> said)
    {
        if (options.dialect == Dialect::Component)
            return;
        if (said && !*said)
            error(at, "<dialect> is one of sessions, and <sessions> says no");
        options.sessions = true;
    }

    const jabberd_config &service_;
    Options options_;
    std::vector<std::pair<std::string, unsigned>> hosts_; // of all endpoints, with their lines
};

} // namespace

std::string EndpointOptions::key() const
{
    return (role == Role::Accept ? "accept " : "connect ") + address.to_string();
}

std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service)
{
    return Reader{host, service}.read();
}

} // namespace jabberd::component_stream
