// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/listeners.h"

#include "config/networks.h"

#include <algorithm>
#include <optional>
#include <string>

namespace jabberd::config {

using elements::Element;

bool is_listener(const Element &tls)
{
    return !tls.has_children() && (*tls.text() != '\0' || tls.attribute("port") != nullptr);
}

void Listeners::add(const jabberd_config &at, std::string_view address, const Listen &how, std::uint16_t port)
{
    if (how.direct_tls && first_direct_ == nullptr)
        first_direct_ = &at;
    if (how.proxied && first_proxied_ == nullptr)
        first_proxied_ = &at;
    const auto add_one = [&](const net::SocketAddress &one) {
        const std::string name = one.to_string();
        if (port != 0 && std::ranges::any_of(options_.listen,
                                             [&](const Listen &other) { return other.address.to_string() == name; }))
            return error(at, name + " is listened on already; each port of an address can be opened once");
        options_.listen.push_back({one, how.direct_tls, how.proxied});
    };
    // No address means every address: both families, on sockets of their own. So does "::" to jabberd 1.6, which has
    // one socket for both.
    if (address.empty() || address == "*" || (classic_ && address == "::")) {
        add_one(*net::SocketAddress::parse("0.0.0.0", port));
        add_one(*net::SocketAddress::parse("::", port));
        return;
    }
    if (const auto parsed = net::SocketAddress::parse(address, port))
        add_one(*parsed);
    else
        error(at, "'" + std::string{address} +
                      "' is not an IP address; write one like 127.0.0.1 or ::1, or leave it empty to listen on all");
}

void Listeners::read(const Element &element, bool port_in_text)
{
    std::string_view address = element.text();
    const char *port_attribute = element.attribute("port");
    std::string_view port_text = port_attribute == nullptr ? std::string_view{} : port_attribute;
    if (port_in_text && port_attribute == nullptr) {
        const auto colon = address.rfind(':');
        port_text = address.substr(colon == std::string_view::npos ? 0 : colon + 1);
        address = address.substr(0, colon == std::string_view::npos ? 0 : colon);
        if (address.starts_with('[') && address.ends_with(']'))
            address = address.substr(1, address.size() - 2);
    }
    const char *tls = element.attribute("tls");
    const char *proxy = element.attribute("proxy");
    const bool direct_tls = tls != nullptr || element.name() == "ssl" || element.name() == "tls";
    const Listen how{{}, direct_tls, proxy != nullptr};
    if (tls != nullptr && std::string_view{tls} != "direct")
        return error(element.at(),
                     "tls is '" + std::string{tls} +
                         "'; it must be 'direct', for nothing but TLS, or left out: STARTTLS needs no mention");
    if (proxy != nullptr && std::string_view{proxy} != "required")
        return error(element.at(), "proxy is '" + std::string{proxy} +
                                       "'; it must be 'required', for nothing but proxies that send a PROXY header, or "
                                       "left out");
    if (port_text.empty() && port_attribute == nullptr)
        return add(element.at(), address, how, direct_tls ? default_direct_tls_port : default_port);
    if (const auto port = mistakes_.number(element.at(), "the port of " + tag(element.at()), port_text, 0, 65535))
        add(element.at(), address, how, static_cast<std::uint16_t>(*port));
}

void Listeners::read_trusted(const Element &element)
{
    if (first_trusted_ == nullptr)
        first_trusted_ = &element.at();
    if (const auto network = read_network(element, mistakes_))
        options_.trusted.push_back(*network);
}

void Listeners::end(const jabberd_config &section)
{
    check_certificates();
    check_proxies();
    // 1.2 knows no ports but this one. (1.4 without an <ip/> may still have one for TLS.)
    if (classic_ && options_.listen.empty() && first_direct_ == nullptr && mistakes_.none())
        add(section, "", {}, default_port);
    if (options_.listen.empty() && mistakes_.none())
        error(section, tag(section) + " has no <listen/>; add for example <listen port='5222'/>");
}

void Listeners::check_certificates()
{
    if (first_direct_ == nullptr || options_.tls.is_there() || !mistakes_.none())
        return;
    constexpr char advice[] = "a port for TLS needs a certificate; add <tls><certificate file='foo.com.pem'/></tls>";
    if (!classic_ || std::string_view{first_direct_->name} == "listen")
        return error(*first_direct_, advice);
    // jabberd 1.4 had its certificates in another section: no operator who comes from there is left without a server.
    mistakes_.warning(*first_direct_, advice);
    std::erase_if(options_.listen, [](const Listen &listen) { return listen.direct_tls; });
}

void Listeners::check_proxies()
{
    if (first_proxied_ != nullptr && first_trusted_ == nullptr)
        error(*first_proxied_, "proxy='required' believes what is said of clients' addresses, and it is not said whom; "
                               "add the address of the proxy, for example <trusted>192.0.2.7</trusted>, or its "
                               "network, <trusted>192.0.2.0/24</trusted>");
    if (first_trusted_ != nullptr && first_proxied_ == nullptr)
        mistakes_.warning(*first_trusted_,
                          "no port is for the proxies in <trusted/>; <listen proxy='required'/> would be");
}

} // namespace jabberd::config
