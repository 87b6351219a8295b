// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/options.h"

#include "elements/section_reader.h"
#include "link/carrier/nats_connection.h"
#include "link/carrier/nats_subjects.h"
#include "link/frame/frame.h"
#include "link/names.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <string_view>
#include <vector>

namespace jabberd::link {

namespace {

using elements::Element;
using elements::Option;
using elements::Times;

constexpr unsigned default_port = 5270;
constexpr std::size_t shortest_secret = 16; // characters: who has heard a greeting can try secrets at leisure

std::string default_name(const jabberd_host &host)
{
    std::array<char, 65> machine{};
    ::gethostname(machine.data(), machine.size() - 1);
    return std::string{machine.data()} + "/" + host.id;
}

class Reader : public elements::SectionReader {
public:
    Reader(const jabberd_host &host, Options &options) : SectionReader(host), options_(options) {}

    void read(const Element &section)
    {
        section.read(std::vector<Option>{
            {"name", [&](const Element &element) { name(element); }},
            {"tcp", [&](const Element &element) { tcp(element); }},
            {"nats", [&](const Element &element) { nats(element); }},
            {"names", [&](const Element &element) { names(element); }},
            {"patience", [&](const Element &element) { patience(element); }},
            {"window", [&](const Element &element) { window(element); }},
            {"ring",
             [&](const Element &element) {
                 number(element, "bytes", 1u << 20, 1u << 30, options_.settings.ring_bytes);
             }},
        });
        if (!options_.tcp && !options_.nats)
            error(section.at(), "needs <tcp> or <nats>, which says how the other processes are reached");
        if (options_.tcp && options_.nats)
            error(section.at(), "needs one of <tcp> and <nats>, not both: frames go one way");
        if (options_.settings.ring_bytes < options_.settings.window.bytes + max_packet)
            error(section.at(), "<ring bytes> must be at least <window bytes> and " + std::to_string(max_packet) +
                                    ", the largest packet: what is on its way must have room");
        if (options_.tcp)
            check_peers(section);
    }

private:
    static std::string quoted(std::string_view text) { return "'" + std::string{text} + "'"; }

    void name(const Element &element)
    {
        const std::string_view text = element.text();
        if (!is_process_name(text))
            return error(element.at(),
                         "<name> needs a name of this process, of letters, digits and signs, not " + quoted(text));
        options_.name = text;
    }

    void seconds(const Element &element, const char *attribute, Duration &value)
    {
        unsigned parsed = static_cast<unsigned>(value / std::chrono::seconds{1});
        number(element, attribute, 1, 600, parsed);
        value = std::chrono::seconds{parsed};
    }

    void patience(const Element &element)
    {
        Patience &patience = options_.settings.patience;
        seconds(element, "absent", patience.absent);
        seconds(element, "down", patience.down);
        seconds(element, "silent", patience.silent);
        if (patience.silent < std::chrono::seconds{3})
            error(element.at(),
                  "<patience silent> needs at least 3 seconds: a peer that is there says so more than twice a second");
    }

    void window(const Element &element)
    {
        // Less than a frame holds would let nothing pass.
        number(element, "stanzas", 2 * max_pieces, 1'000'000, options_.settings.window.pieces);
        number(element, "bytes", 2 * max_pieces_bytes, 1u << 30, options_.settings.window.bytes);
        number(element, "all-bytes", 2 * max_pieces_bytes, 1u << 30, options_.settings.all_bytes);
    }

    void names(const Element &element)
    {
        const auto name = [&](const Element &child) {
            if (is_routable_name(child.text()))
                options_.settings.names.emplace_back(child.text());
            else
                error(child.at(), "<name> needs the name of a host, not " + quoted(child.text()));
        };
        element.read(std::array{Option{"name", name, Times::Any}});
        if (options_.settings.names.empty())
            error(element.at(),
                  "<names> needs a <name> for each that the other processes are told; leave it out to tell all");
    }

    std::optional<net::SocketAddress> address(const Element &element, bool is_peer)
    {
        unsigned port = default_port;
        number(element, "port", is_peer ? 1 : 0, 65'535, port);
        std::string_view text = element.text();
        if (text.empty() && !is_peer)
            text = "::";
        auto parsed = net::SocketAddress::parse(text, static_cast<std::uint16_t>(port));
        if (!parsed)
            error(element.at(),
                  "<" + std::string{element.name()} + "> needs an IP address in numbers, not " + quoted(text));
        return parsed;
    }

    void peer(const Element &element)
    {
        const std::string_view name = element.value("name");
        const auto where = address(element, true);
        if (!is_process_name(name))
            return error(element.at(), "<peer> needs name='…', the <name> of the process there, not " + quoted(name));
        if (std::ranges::any_of(options_.tcp->peers, [&](const TcpPeer &other) { return other.name == name; }))
            return error(element.at(), "there is another <peer> called " + quoted(name));
        if (where)
            options_.tcp->peers.push_back({std::string{name}, *where});
    }

    void tls(const Element &element)
    {
        tls::PeerTlsOptions files;
        const auto certificate = element.child("certificate"), authority = element.child("authority");
        if (certificate) {
            if (const char *file = certificate->attribute("file"))
                files.certificate = path(*certificate, file);
            if (const char *key = certificate->attribute("key"))
                files.key = path(*certificate, key);
        }
        if (authority) {
            if (const char *file = authority->attribute("file"))
                files.authority = path(*authority, file);
        }
        if (files.certificate.empty() || files.authority.empty())
            return error(element.at(),
                         "<tls> needs <certificate file='…' key='…'/>, that of this process, and <authority "
                         "file='…'/>, the certificate that has signed it and those of the others");
        try {
            const tls::PeerTls works{files};
        } catch (const tls::PeerTlsError &problem) {
            return error(element.at(), problem.what());
        }
        options_.tcp->tls = files;
    }

    void tcp(const Element &element)
    {
        options_.tcp.emplace();
        const auto listen = [&](const Element &child) {
            if (const auto where = address(child, false))
                options_.tcp->listen.push_back(*where);
        };
        element.read(std::vector<Option>{
            {"listen", listen, Times::Any},
            {"secret", [&](const Element &child) { options_.tcp->secret = child.text(); }},
            {"peer", [&](const Element &child) { peer(child); }, Times::Any},
            {"tls", [&](const Element &child) { tls(child); }},
        });
        if (options_.tcp->listen.empty())
            error(element.at(), "<tcp> needs <listen port='5270'>address</listen>, where the other processes come");
        if (options_.tcp->secret.size() < shortest_secret)
            error(element.at(), "<tcp> needs a <secret> of at least " + std::to_string(shortest_secret) +
                                    " characters, the same in all processes of the cluster");
    }

    void server(const Element &element)
    {
        const std::string_view text = element.text();
        constexpr std::string_view scheme = "nats://";
        if (!text.starts_with(scheme) || text.size() == scheme.size() || text.find_first_of("@ ") != text.npos)
            return error(element.at(), "<server> needs nats://address:port; a name and a password go into <user> and "
                                       "<password>");
        options_.nats->servers.emplace_back(text);
    }

    void subject(const Element &element)
    {
        if (!is_subject(element.text()))
            return error(element.at(), "<subject> needs letters, digits, '-' and '_', in parts with '.' between them, "
                                       "at most " +
                                           std::to_string(max_subject) + ", not " + quoted(element.text()));
        options_.nats->subject = element.text();
    }

    void credentials(const Element &element)
    {
        const char *file = element.attribute("file");
        if (file == nullptr)
            return error(element.at(), "<credentials> needs file='…'");
        options_.nats->credentials = path(element, file);
        if (!std::ifstream{options_.nats->credentials})
            error(element.at(), "cannot read " + options_.nats->credentials);
    }

    void nats(const Element &element)
    {
        options_.nats.emplace();
        NatsOptions &nats = *options_.nats;
        element.read(std::vector<Option>{
            {"server", [&](const Element &child) { server(child); }, Times::Any},
            {"subject", [&](const Element &child) { subject(child); }},
            {"user", [&](const Element &child) { nats.user = child.text(); }},
            {"password", [&](const Element &child) { nats.password = child.text(); }},
            {"credentials", [&](const Element &child) { credentials(child); }},
        });
        if (!NatsConnection::available())
            return error(element.at(), "this link.so was built without libnats, so it has <tcp> only");
        if (nats.servers.empty())
            error(element.at(), "<nats> needs <server>nats://127.0.0.1:4222</server>, the broker");
        if (nats.user.empty() != nats.password.empty())
            error(element.at(), "<nats> needs both or none of <user> and <password>");
        if (!nats.user.empty() && !nats.credentials.empty())
            error(element.at(), "<nats> needs <user> and <password> or <credentials>, not both");
    }

    void check_peers(const Element &section)
    {
        for (const TcpPeer &peer : options_.tcp->peers) {
            if (peer.name == options_.name)
                error(section.at(), "there is a <peer> called " + quoted(peer.name) + ", as this process is");
        }
    }

    Options &options_;
};

} // namespace

std::optional<Options> read_options(const jabberd_host &host, const jabberd_config &service)
{
    Options options;
    options.name = default_name(host);
    Reader reader{host, options};
    const jabberd_config *section = jabberd_config_section(&service, options_namespace);
    if (section == nullptr) {
        reader.error(service,
                     std::string{"needs a section <link xmlns='"} + options_namespace + "'> with <tcp> or <nats>");
        return std::nullopt;
    }
    elements::Asked asked;
    reader.read(Element{*section, asked});
    reader.tell_unread(*section, asked, "links");
    if (reader.failed())
        return std::nullopt;
    return options;
}

} // namespace jabberd::link
