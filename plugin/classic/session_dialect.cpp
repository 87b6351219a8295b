// SPDX-License-Identifier: LGPL-2.1-or-later
// sto and sfrom, as the socket manager README has them.
#include "classic/dialect.h"

#include "xml/packet_reader.h"
#include "xml/packet_text.h"

namespace jabberd::classic {

namespace {

class SessionDialect final : public Dialect {
public:
    void from_component(const jabberd_packet &packet, Outlet &out) override
    {
        std::string element;
        xml::append_packet(element, packet);
        out.to_host(std::move(element));
    }

    void from_host(const xmlNode &element, Outlet &out) override
    {
        out.to_component(xml::read_packet(element).packet());
    }
};

} // namespace

std::unique_ptr<Dialect> make_session_dialect()
{
    return std::make_unique<SessionDialect>();
}

} // namespace jabberd::classic
