// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/config/options.h"

#include "base/host_name.h"
#include "elements/section_reader.h"

#include <sys/un.h>

#include <array>
#include <string_view>
#include <utility>

namespace jabberd::upstream {

namespace {

constexpr unsigned max_seconds = 3600;
constexpr unsigned max_per_second = 1'000'000;
constexpr unsigned min_bytes = 10000, max_bytes = 1 << 28; // a stanza of the usual size gets in
constexpr std::string_view unix_prefix = "unix:";

using elements::Element;
using elements::Option;

class Reader : private elements::SectionReader {
public:
    Reader(const jabberd_host &host, const jabberd_config &service) : SectionReader(host), service_(service) {}

    std::optional<Options> read()
    {
        const jabberd_config *section = jabberd_config_section(&service_, options_namespace);
        if (section == nullptr) {
            error(service_,
                  std::string{"needs a section <upstream xmlns='"} + options_namespace +
                      "'> with <server>127.0.0.1:5222</server>, where the server is that its clients are for");
            return std::nullopt;
        }
        bool has_server = false;
        elements::Asked asked;
        Element{*section, asked}.read(std::array{
            Option{"server",
                   [&](const Element &e) {
                       has_server = true;
                       server(e);
                   }},
            Option{"proxy", [&](const Element &e) { proxy(e); }}, Option{"tls", [&](const Element &e) { tls(e); }},
            Option{"local", [&](const Element &e) { local(e); }, elements::Times::Any},
            Option{"logins",
                   [&](const Element &e) {
                       number(e, "per-second", 1, max_per_second, options_.logins.per_second);
                       number(e, "burst", 1, max_per_second, options_.logins.burst);
                   }},
            Option{"patience",
                   [&](const Element &e) {
                       auto count = options_.patience.count();
                       number(e, 1, max_seconds, count);
                       options_.patience = std::chrono::seconds{count};
                   }},
            Option{"see-other-host", [&](const Element &e) { see_other_host(e); }},
            Option{"stanza", [&](const Element &e) { number(e, min_bytes, max_bytes, options_.stanza.bytes); }},
            Option{"queue", [&](const Element &e) { number(e, min_bytes, max_bytes, options_.queue); }}});
        tell_unread(*section, asked, "upstream");
        if (!has_server)
            error(*section, "needs a <server>: 127.0.0.1:5222, or unix:/run/server/c2s");
        hosts(*section);
        if (!options_.local.empty() && std::holds_alternative<UnixSocket>(options_.server))
            warning(*section, "<local> is of no use with a unix socket, ignoring");
        if (failed())
            return std::nullopt;
        return std::move(options_);
    }

private:
    void server(const Element &element)
    {
        const std::string_view text = element.text();
        if (text.starts_with(unix_prefix)) {
            std::string path{text.substr(unix_prefix.size())};
            if (path.empty() || path.size() >= sizeof sockaddr_un::sun_path)
                return error(element.at(), "<server> is '" + std::string{text} +
                                               "'; behind unix: the path of a socket must stand, of at most " +
                                               std::to_string(sizeof sockaddr_un::sun_path - 1) + " bytes");
            options_.server = UnixSocket{std::move(path)};
            return;
        }
        const auto address = net::SocketAddress::from_string(text);
        if (!address || address->port() == 0)
            return error(element.at(), "<server> is '" + std::string{text} +
                                           "'; it must be an address and a port, like 127.0.0.1:5222 or [::1]:5222 "
                                           "(no name is looked up), or unix:/run/server/c2s");
        options_.server = *address;
    }

    void see_other_host(const Element &element)
    {
        const std::string_view text = element.text();
        if (text.empty() || text.find_first_of("@/ \t\r\n") != std::string_view::npos)
            return error(element.at(),
                         "<see-other-host> is '" + std::string{text} +
                             "'; it must be a host name or address, and may have a port: other.foo.com:5222");
        options_.see_other_host = text;
    }

    void proxy(const Element &element)
    {
        const std::string_view text = element.text();
        if (text == "no")
            options_.proxy = ProxyProtocol::No;
        else if (text == "v1")
            options_.proxy = ProxyProtocol::V1;
        else if (text == "v2")
            options_.proxy = ProxyProtocol::V2;
        else
            error(element.at(),
                  "<proxy> must be 'no', 'v1' or 'v2', the version of the PROXY protocol that the server's "
                  "listener reads, not '" +
                      std::string{text} + "'");
    }

    void local(const Element &element)
    {
        if (const auto address = net::SocketAddress::parse(element.text(), 0))
            options_.local.push_back(*address);
        else
            error(element.at(), "<local> is '" + std::string{element.text()} +
                                    "'; it must be an address of this machine, like 127.0.0.2");
    }

    void tls(const Element &element)
    {
        tls::PeerTlsOptions files;
        files.oldest = TLS1_2_VERSION;
        const char *name = element.attribute("name");
        const auto authority = [&](const Element &e) {
            if (const char *file = e.attribute("file"))
                files.authority = path(e, file);
            else
                error(e.at(), "<authority> needs file='…', the certificates of who has signed the server's");
        };
        element.read(std::array{Option{"authority", authority}});
        if (name == nullptr || !is_host_name(name))
            return error(element.at(), "<tls> needs name='…', the host that the server's certificate is for");
        files.name = name;
        try {
            options_.tls = std::make_shared<tls::PeerTls>(files);
        } catch (const tls::PeerTlsError &problem) {
            error(element.at(), problem.what());
        }
    }

    void hosts(const jabberd_config &at)
    {
        for (std::size_t i = 0; i < host().name_count; ++i) {
            const std::string name = host().names[i];
            if (name.empty())
                error(at, "<host/> stands for every name, and a server has its own: write each of them, "
                          "<host>foo.com</host>");
            else
                options_.hosts.push_back(name);
        }
    }

    const jabberd_config &service_;
    Options options_;
};

} // namespace

std::string Options::server_name() const
{
    if (const auto *address = std::get_if<net::SocketAddress>(&server))
        return address->to_string();
    return std::get<UnixSocket>(server).path;
}

std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service)
{
    return Reader{host, service}.read();
}

} // namespace jabberd::upstream
