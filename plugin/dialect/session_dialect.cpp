// SPDX-License-Identifier: LGPL-2.1-or-later
// sto and sfrom as they are (include/jabberd/session.h).
#include "dialect/dialect.h"

#include "base/view.h"
#include "packet/notice.h"
#include "packet/returned_packet.h"
#include "xml/packet_reader.h"
#include "xml/packet_text.h"

#include <optional>
#include <string>

namespace jabberd::dialect {

namespace {

// A message without a type is returned without one in its 510 as well, and jabberd 1.1 then keeps it as it came back,
// as an error. No type means normal (RFC 6121 §5.2.2), which it does understand.
std::optional<std::string> with_old_type(const jabberd_packet &packet)
{
    if (text(packet.name) != "message" || text(packet.type) != "error")
        return std::nullopt;
    const auto hidden = packet::hidden_packet(packet);
    if (!hidden || hidden->type)
        return std::nullopt;
    std::string body = hidden->body;
    packet::append_510(body, view("normal"), text_of(packet::Undelivered::Disconnected));
    return body;
}

class SessionDialect final : public Dialect {
public:
    void from_component(const jabberd_packet &packet, Outlet &out) override
    {
        std::string element;
        if (const auto body = with_old_type(packet)) {
            jabberd_packet told = packet;
            told.body = view(*body);
            xml::append_packet(element, told);
        } else {
            xml::append_packet(element, packet);
        }
        out.to_host(std::move(element));
    }

    void from_host(const xmlNode &element, Outlet &out) override
    {
        out.to_component(xml::read_packet(element).packet());
    }

    void not_taken(const xmlNode &, Outlet &) override {} // jabberd 1.1 reads every address that we write
};

} // namespace

std::unique_ptr<Dialect> make_session_dialect()
{
    return std::make_unique<SessionDialect>();
}

} // namespace jabberd::dialect
