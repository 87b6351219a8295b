// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/io.h"

#include "config/classic_limits.h"
#include "config/networks.h"

#include <array>

namespace jabberd::config {

namespace {

using elements::Element;
using elements::Times;

// As the server itself opens it: from the directory it runs in.
CertificateFiles files_of(const Element &element)
{
    return {element.text(), std::string{element.value("private-key")}, {}, place_of(element.at())};
}

// An address in the form that ours has, or a host.
std::string canonical(std::string_view name)
{
    const auto address = net::SocketAddress::parse(name, 0);
    return address ? address->host() : std::string{name};
}

bool names_a_file(const CertificateFiles &files, const Element &element, MistakeReport &mistakes)
{
    if (!files.certificate.empty())
        return true;
    mistakes.error(element.at(), "<" + std::string{element.name()} + "/> names no file");
    return false;
}

// What 1.4 and 1.6 have, and nothing here needs.
elements::Option needless(std::string_view name)
{
    return {name, [](const Element &element) { element.leave(); }, Times::Any};
}

// <key ip='192.0.2.1'>file</key>; 1.6.0: id in place of ip. "default" is what it says.
void read_key(const Element &key, Io &io, MistakeReport &mistakes)
{
    const char *ip = key.attribute("ip");
    const char *id = key.attribute("id");
    const std::string_view name = id != nullptr ? id : ip != nullptr ? ip : "";
    CertificateFiles files = files_of(key);
    if (!names_a_file(files, key, mistakes))
        return;
    if (name == "default")
        return void(io.certificates.insert(io.certificates.begin(), std::move(files)));
    if (!name.empty())
        files.also_for.push_back(canonical(name));
    io.certificates.push_back(std::move(files));
}

// <credentials><domain>foo.com</domain><pem private-key='file'>file</pem></credentials>
void read_credentials(const Element &credentials, Io &io, MistakeReport &mistakes)
{
    std::optional<CertificateFiles> files;
    std::vector<std::string> names;
    bool is_default = false;
    const auto no_counterpart = [&](std::string_view name) {
        return elements::Option{name,
                                [&](const Element &element) {
                                    element.leave();
                                    mistakes.warning(element.at(), "<" + std::string{element.name()} +
                                                                       "/> has no counterpart here: certificates are "
                                                                       "PEM, and what TLS is spoken is not configured");
                                },
                                Times::Any};
    };
    const auto read_pem = [&](const Element &element) {
        CertificateFiles read = files_of(element);
        element.attribute("type"); // "pem"
        if (files)
            mistakes.warning(element.at(), "one certificate a name is used here, the first");
        else if (names_a_file(read, element, mistakes))
            files = std::move(read);
    };
    credentials.read(std::array<elements::Option, 12>{{
        {"default", [&](const Element &) { is_default = true; }},
        {"domain", [&](const Element &element) { names.push_back(canonical(element.text())); }, Times::Any},
        {"pem", read_pem, Times::Any},
        needless("ca"), // whom to believe: no client is asked for a certificate
        no_counterpart("protocols"),
        no_counterpart("ciphers"),
        no_counterpart("kx"),
        no_counterpart("mac"),
        no_counterpart("certtypes"),
        no_counterpart("compression"),
        no_counterpart("openpgp"),
        no_counterpart("pkcs12"),
    }});
    if (!files)
        return;
    files->also_for = std::move(names);
    io.certificates.insert(is_default ? io.certificates.begin() : io.certificates.end(), std::move(*files));
}

void read_tls(const Element &tls, Io &io, MistakeReport &mistakes)
{
    tls.read(std::array<elements::Option, 5>{{
        {"key", [&](const Element &key) { read_key(key, io, mistakes); }, Times::Any},
        {"credentials", [&](const Element &element) { read_credentials(element, io, mistakes); }, Times::Any},
        // For DHE, which is not spoken here, and for certificates of others: nothing is lost without.
        needless("dhparams"),
        needless("cacertfile"),
        needless("crlfile"),
    }});
}

void read_access(const Element &element, std::vector<net::Network> &list, MistakeReport &mistakes)
{
    if (const auto network = read_network(element, mistakes))
        list.push_back(*network);
}

} // namespace

const jabberd_config *find_io(const jabberd_config &service)
{
    const auto is_section = [](std::string_view xmlns) {
        return xmlns == own_section || xmlns == section_1_1 || xmlns == section_1_4; // whose names are free
    };
    const jabberd_config *child = service.first_child;
    while (child != nullptr && (std::string_view{child->name} != "io" || is_section(child->xmlns)))
        child = child->next;
    return child;
}

Io read_io(const Element &element, MistakeReport &mistakes)
{
    Io io;
    const auto tls = [&](const Element &option) { read_tls(option, io, mistakes); };
    const auto bounce = [&](const Element &option) {
        option.leave();
        mistakes.warning(option.at(), "<bounce/> is not done here: who speaks HTTP to us is not sent elsewhere");
    };
    element.read(std::array<elements::Option, 8>{{
        {"ssl", tls, Times::Any},
        {"tls", tls, Times::Any},
        {"karma", [&](const Element &option) { io.bytes = read_karma(option, mistakes); }},
        {"rate", [&](const Element &option) { io.attempts = read_rate(option, mistakes); }},
        {"allow", [&](const Element &option) { read_access(option, io.access.allowed, mistakes); }, Times::Any},
        {"deny", [&](const Element &option) { read_access(option, io.access.denied, mistakes); }, Times::Any},
        {"bounce", bounce, Times::Any},
        needless("bind"), // of connections that go out: none of ours
    }});
    return io;
}

} // namespace jabberd::config
