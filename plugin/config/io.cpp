// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/io.h"

#include "config/classic_limits.h"

#include <algorithm>
#include <array>

namespace jabberd::config {

namespace {

// As the server itself opens it: from the directory it runs in.
CertificateFiles files_of(const jabberd_config &element, const char *key)
{
    return {element.text, key == nullptr ? "" : key, {}, {element.name, element.file, element.line}};
}

// An address in the form that ours has, or a host.
std::string canonical(std::string_view name)
{
    const auto address = net::SocketAddress::parse(name, 0);
    return address ? address->host() : std::string{name};
}

bool has_file(const jabberd_config &element, Mistakes &mistakes)
{
    if (element.text[0] != '\0')
        return true;
    mistakes.error(element, "<" + std::string{element.name} + "/> names no file");
    return false;
}

// <key ip='192.0.2.1'>file</key>; 1.6.0: id in place of ip. "default" is what it says.
void read_key(const jabberd_config &key, Io &io, Mistakes &mistakes)
{
    const char *ip = jabberd_config_attribute_value(&key, "ip");
    const char *id = jabberd_config_attribute_value(&key, "id");
    const std::string_view name = id != nullptr ? id : ip != nullptr ? ip : "";
    if (!has_file(key, mistakes))
        return;
    CertificateFiles files = files_of(key, jabberd_config_attribute_value(&key, "private-key"));
    if (name == "default")
        return void(io.certificates.insert(io.certificates.begin(), std::move(files)));
    if (!name.empty())
        files.also_for.push_back(canonical(name));
    io.certificates.push_back(std::move(files));
}

// <credentials><domain>foo.com</domain><pem private-key='file'>file</pem></credentials>
void read_credentials(const jabberd_config &credentials, Io &io, Mistakes &mistakes)
{
    std::optional<CertificateFiles> files;
    std::vector<std::string> names;
    bool is_default = false;
    for (const jabberd_config *element = credentials.first_child; element != nullptr; element = element->next) {
        const std::string_view name = element->name;
        if (name == "default")
            is_default = true;
        else if (name == "domain")
            names.push_back(canonical(element->text));
        else if (name == "pem" && files)
            mistakes.warning(*element, "one certificate a name is used here, the first");
        else if (name == "pem" && has_file(*element, mistakes))
            files = files_of(*element, jabberd_config_attribute_value(element, "private-key"));
        else if (name != "pem" && name != "ca") // whom to believe: no client is asked for a certificate
            mistakes.warning(*element, "<" + std::string{name} +
                                           "/> has no counterpart here: certificates are PEM, and what TLS is spoken "
                                           "is not configured");
    }
    if (!files)
        return;
    files->also_for = std::move(names);
    io.certificates.insert(is_default ? io.certificates.begin() : io.certificates.end(), std::move(*files));
}

void read_tls(const jabberd_config &tls, Io &io, Mistakes &mistakes)
{
    // For DHE, which is not spoken here, and for certificates of others: nothing is lost without.
    constexpr std::array<std::string_view, 3> needless = {"dhparams", "cacertfile", "crlfile"};
    for (const jabberd_config *element = tls.first_child; element != nullptr; element = element->next) {
        const std::string_view name = element->name;
        if (name == "key")
            read_key(*element, io, mistakes);
        else if (name == "credentials")
            read_credentials(*element, io, mistakes);
        else if (std::ranges::find(needless, name) == needless.end())
            mistakes.unknown(*element, tls.name);
    }
}

// <allow><ip>192.0.2.0</ip><mask>255.255.255.0</mask></allow>
void read_access(const jabberd_config &element, std::vector<net::Network> &list, Mistakes &mistakes)
{
    std::string_view ip, mask;
    for (const jabberd_config *part = element.first_child; part != nullptr; part = part->next) {
        const std::string_view name = part->name;
        if (name == "ip")
            ip = part->text;
        else if (name == "mask")
            mask = part->text;
        else
            mistakes.unknown(*part, element.name);
    }
    // An error, though jabberd overlooks it: this is no place to guess who was meant.
    if (const auto network = net::Network::parse(ip, mask))
        list.push_back(*network);
    else
        mistakes.error(element, "<" + std::string{element.name} + "/> has the address '" + std::string{ip} +
                                    "' and the mask '" + std::string{mask} +
                                    "'; write <ip>192.0.2.0</ip><mask>255.255.255.0</mask>, or an <ip/> alone");
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

Io read_io(const jabberd_config &element, Mistakes &mistakes)
{
    Io io;
    for (const jabberd_config *option = element.first_child; option != nullptr; option = option->next) {
        const std::string_view name = option->name;
        if (name == "ssl" || name == "tls")
            read_tls(*option, io, mistakes);
        else if (name == "karma")
            io.bytes = read_karma(*option, mistakes);
        else if (name == "rate")
            io.attempts = read_rate(*option, mistakes);
        else if (name == "allow")
            read_access(*option, io.access.allowed, mistakes);
        else if (name == "deny")
            read_access(*option, io.access.denied, mistakes);
        else if (name == "bounce")
            mistakes.warning(*option, "<bounce/> is not done here: who speaks HTTP to us is not sent elsewhere");
        else if (name != "bind") // of connections that go out: none of ours
            mistakes.unknown(*option, element.name);
    }
    return io;
}

} // namespace jabberd::config
