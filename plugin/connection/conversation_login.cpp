// SPDX-License-Identifier: LGPL-2.1-or-later
// A login by SASL2 that resumes a session, or enables stream management, by the same step (XEP-0198 §9). The session
// manager sees a login, and the end of it where its client gets another session back.
#include "connection/conversation.h"

#include "session/inline_management.h"
#include "stream/namespaces.h"

#include <utility>

namespace jabberd::connection {

using session::InlineManagement;

void Conversation::admit_inline(const xml::Stanza &stanza)
{
    if (authenticated() || !offers_management())
        return admit(stanza);
    const session::WithoutManagement plain{stanza};
    if (session::begins_exchange(stanza))
        note_wishes(plain.wishes());
    admit(plain.stanza());
}

void Conversation::note_wishes(const std::string &wishes)
{
    login_ = wishes.empty() ? nullptr : std::make_unique<InlineLogin>(wishes);
}

void Conversation::log_in(const jabberd_packet &success, session::Meaning meaning)
{
    login_->success = OwnedPacket{success};
    login_->bound = meaning == session::Meaning::LoggedIn;
    const InlineManagement wishes{login_->wishes};
    const auto resume = wishes.resume();
    if (!resume)
        return finish_login({});
    const std::string failed =
        manages_stream() ? client_.ask_resume(*resume) : stream::failed("feature-not-implemented");
    if (!failed.empty())
        finish_login(failed);
}

void Conversation::finish_login(std::string_view failed)
{
    const auto login = std::exchange(login_, nullptr);
    const InlineManagement wishes{login->wishes};
    const auto enable = login->bound && manages_stream() ? wishes.enable() : std::nullopt;
    client_.write(
        session::success_of_login(login->success.packet(), failed, enable ? client_.enable(*enable) : std::string{}));
    if (login->bound)
        logged_in();
    if (client_.state() != stream::StreamState::Open)
        return;
    ask_features();
    client_.go_on();
}

std::optional<OwnedPacket> Conversation::take_login()
{
    const auto login = std::exchange(login_, nullptr);
    return login != nullptr && login->success ? std::optional{std::move(login->success)} : std::nullopt;
}

void Conversation::resumed_by_login(const jabberd_packet &success, std::string_view resumed)
{
    client_.write(session::success_of_resumption(success, sto(), resumed));
    ask_features();
}

} // namespace jabberd::connection
