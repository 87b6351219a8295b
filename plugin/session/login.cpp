// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/login.h"

#include "base/random.h"
#include "base/view.h"
#include "packet/namespaces.h"

#include <algorithm>

namespace jabberd::session {

AuthKind auth_kind(const xml::Stanza &stanza)
{
    const std::string_view type = text(stanza.packet.type);
    if (present(stanza.packet.xmlns) || text(stanza.packet.name) != "iq" || stanza.child_count != 1)
        return AuthKind::None;
    if (type != "get" && type != "set")
        return AuthKind::None;
    if (stanza.child_name == "bind" && stanza.child_xmlns == packet::ns::bind)
        return type == "set" ? AuthKind::Bind : AuthKind::None;
    if (stanza.child_name != "query")
        return AuthKind::None;
    if (stanza.child_xmlns == packet::ns::iq_register)
        return AuthKind::Question;
    if (stanza.child_xmlns != packet::ns::iq_auth)
        return AuthKind::None;
    return type == "set" ? AuthKind::Login : AuthKind::Question;
}

bool Login::outstanding(AuthKind kind) const
{
    return std::ranges::any_of(outstanding_, [kind](const Outstanding &o) { return o.answer.kind == kind; });
}

bool Login::waiting() const
{
    return std::ranges::any_of(outstanding_, [](const Outstanding &o) {
        return o.answer.kind != AuthKind::Question && o.answer.kind != AuthKind::Introduction;
    });
}

std::string Login::ask(AuthKind kind, jabberd_view client_id)
{
    Outstanding &asked = outstanding_.emplace_back(Outstanding{random_id(), {kind, std::nullopt}});
    if (present(client_id))
        asked.answer.client_id = std::string{text(client_id)};
    return asked.nonce;
}

std::optional<Login::Answer> Login::answered(std::string_view nonce)
{
    const auto asked = std::ranges::find(outstanding_, nonce, &Outstanding::nonce);
    if (asked == outstanding_.end())
        return std::nullopt;
    std::optional<Answer> answer{std::move(asked->answer)};
    outstanding_.erase(asked);
    return answer;
}

// libpurple strikes a mechanism that has failed from its list by its letters: of SCRAM-SHA-1-PLUS is left "-PLUS", and
// SCRAM-SHA-1 comes a second time. So it is their number that a try may use up, and not each of them once.
bool Login::failed(std::string_view by)
{
    const auto is_offered = [this](std::string_view name) {
        return offer && (offer->has(offer->sasl, name) || offer->has(offer->sasl2, name));
    };
    const auto used = static_cast<std::size_t>(std::ranges::count_if(tried, is_offered));
    const bool used_up = is_offered(by) ? used >= std::max(offer->sasl.size(), offer->sasl2.size())
                                        : std::ranges::find(tried, by) != tried.end();
    const bool begins = by.empty() || tried.empty() || used_up;
    if (begins)
        tried.clear();
    if (!by.empty())
        tried.emplace_back(by);
    return begins;
}

void Login::forget(AuthKind kind)
{
    std::erase_if(outstanding_, [kind](const Outstanding &o) { return o.answer.kind == kind; });
}

} // namespace jabberd::session
