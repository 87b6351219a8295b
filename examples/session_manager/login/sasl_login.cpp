// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/login/sasl_login.h"

#include "base/base64.h"
#include "base/random.h"
#include "base/view.h"
#include "session_manager/base/jid.h"
#include "session_manager/login/sasl_exchange.h"
#include "xml/document.h"

#include <algorithm>

namespace jabberd::session_manager {

namespace {

constexpr std::size_t longest_tag = 200; // bytes; it names a program

std::string own_text(const xmlNode *element)
{
    std::string out;
    for (const xmlNode *node = element->children; node != nullptr; node = node->next) {
        if (node->type == XML_TEXT_NODE)
            out += reinterpret_cast<const char *>(node->content);
    }
    return out;
}

std::string_view attribute(const jabberd_packet &packet, std::string_view name)
{
    for (std::size_t i = 0; i < packet.attribute_count; ++i) {
        if (text(packet.attributes[i].name) == name)
            return text(packet.attributes[i].value);
    }
    return {};
}

// "=" is how nothing is written where nothing would mean that there is none (RFC 6120 §6.4.2).
std::optional<Secret> decode(Secret encoded)
{
    if (encoded.view() == "=")
        return Secret{};
    auto decoded = base64_decode(encoded.view());
    return decoded ? std::optional{Secret{std::move(*decoded)}} : std::nullopt;
}

// What the client has sent along; nothing when it waits for a challenge first. `root` stands for the packet.
std::optional<Secret> initial_response(const xmlNode *root, Profile profile)
{
    if (profile == Profile::Sasl2) {
        const xmlNode *element = xml::child(root, "initial-response", sasl2_xmlns);
        if (element == nullptr)
            return std::nullopt;
        return Secret{xml::content(element)};
    }
    Secret given{own_text(root)};
    return given.empty() ? std::nullopt : std::optional{std::move(given)};
}

struct Binding {
    bool valid = true;
    std::optional<std::string> resource; // nothing: binds later
};

// XEP-0386 §3: the resource is ours to make. The random part keeps two devices of one user apart.
Binding read_binding(const xmlNode *root, Profile profile)
{
    const xmlNode *bind = profile == Profile::Sasl2 ? xml::child(root, "bind", bind2_xmlns) : nullptr;
    if (bind == nullptr)
        return {};
    const std::string part = random_id().substr(0, 16);
    const xmlNode *tag = xml::child(bind, "tag", bind2_xmlns);
    const std::string name = tag == nullptr ? std::string{} : xml::content(tag);
    if (name.empty())
        return {true, part};
    const auto resource = prepare_resource(name + '.' + part);
    return {resource && name.size() <= longest_tag, resource};
}

void begin(Core &core, const jabberd_packet &packet, Profile profile)
{
    const SaslAnswer answer{core, packet, profile};
    const auto host = prepare_host(text(packet.sto));
    const auto document = xml::parse_body(text(packet.body), xmlns_of(profile));
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (root == nullptr || !host)
        return answer.failure(SaslFailure::MalformedRequest);
    if (core.stopping)
        return answer.failure(SaslFailure::TemporaryAuthFailure);

    const ConnectionInfo info = read_connection(root);
    const auto offered = offered_mechanisms(core.settings.current()->mechanisms, info);
    const MechanismKind *kind = find_mechanism(attribute(packet, "mechanism"));
    if (kind != nullptr && kind->verifier == Verifier::Password && !info.plain)
        return answer.failure(SaslFailure::EncryptionRequired);
    if (std::ranges::find(offered, kind) == offered.end())
        return answer.failure(SaslFailure::InvalidMechanism);
    auto binding = read_binding(root, profile);
    if (!binding.valid)
        return answer.failure(SaslFailure::MalformedRequest);
    auto response = initial_response(root, profile);
    const bool waits = !response;
    auto input = waits ? std::nullopt : decode(std::move(*response));
    if (!waits && !input)
        return answer.failure(SaslFailure::IncorrectEncoding);

    if (!info.address.empty())
        core.addresses.put(text(packet.sfrom), info.address, core.clock.now());
    Work place = core.take_login(text(packet.sfrom));
    if (!place)
        return answer.failure(SaslFailure::TemporaryAuthFailure);
    const bool downgrade_matters = std::ranges::any_of(offered, &MechanismKind::binds_channel);
    const std::shared_ptr<Exchange> exchange{new Exchange{profile, *kind, std::string{text(packet.sfrom)}, *host, info,
                                                          downgrade_matters, std::move(binding.resource),
                                                          std::move(place)}};
    core.exchanges.put(exchange->connection, exchange, core.clock.now());
    if (waits)
        return answer.challenge({}); // all our mechanisms let the client speak first
    continue_exchange(core, exchange, std::move(*input), answer);
}

void respond(Core &core, const jabberd_packet &packet, Profile profile)
{
    const SaslAnswer answer{core, packet, profile};
    const std::string_view connection = text(packet.sfrom);
    const auto exchange = core.exchanges.find(connection, core.clock.now()).value_or(nullptr);
    if (exchange == nullptr || exchange->profile != profile)
        return answer.failure(SaslFailure::NotAuthorized);
    const auto document = xml::parse_body(text(packet.body), xmlns_of(profile));
    auto input = document ? decode(Secret{own_text(xmlDocGetRootElement(document.get()))}) : std::nullopt;
    if (!input) {
        core.exchanges.erase(connection, exchange);
        return answer.failure(document ? SaslFailure::IncorrectEncoding : SaslFailure::MalformedRequest);
    }
    continue_exchange(core, exchange, std::move(*input), answer);
}

void abort(Core &core, const jabberd_packet &packet, Profile profile)
{
    core.exchanges.erase(text(packet.sfrom));
    if (present(packet.id)) // without an id the client has gone, and the socket manager waits for no answer
        SaslAnswer{core, packet, profile}.failure(SaslFailure::Aborted);
}

} // namespace

bool is_sasl(const jabberd_packet &packet)
{
    return profile_of(text(packet.xmlns)).has_value();
}

void take_sasl(Core &core, const jabberd_packet &packet)
{
    const auto profile = profile_of(text(packet.xmlns));
    const std::string_view name = text(packet.name);
    if (!profile || text(packet.type) == "error")
        return;
    if (name == (*profile == Profile::Sasl1 ? "auth" : "authenticate"))
        begin(core, packet, *profile);
    else if (name == "response")
        respond(core, packet, *profile);
    else if (name == "abort")
        abort(core, packet, *profile);
}

void refuse_sasl(Core &core, const jabberd_packet &packet)
{
    core.exchanges.erase(text(packet.sfrom));
    if (const auto profile = profile_of(text(packet.xmlns)); profile && present(packet.sto))
        SaslAnswer{core, packet, *profile}.failure(SaslFailure::TemporaryAuthFailure);
}

} // namespace jabberd::session_manager
