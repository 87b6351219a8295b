// SPDX-License-Identifier: LGPL-2.1-or-later
#include "link/frame/packet_code.h"

#include "base/view.h"
#include "link/frame/bytes.h"

#include <array>
#include <cstring>

namespace jabberd::link {

namespace {

// In the order of their bits; at the end of this list, and only there, a new field of packets is added.
constexpr std::array fields{
    &jabberd_packet::name, &jabberd_packet::xmlns, &jabberd_packet::to,  &jabberd_packet::from,  &jabberd_packet::id,
    &jabberd_packet::type, &jabberd_packet::lang,  &jabberd_packet::sto, &jabberd_packet::sfrom, &jabberd_packet::body};

constexpr std::uint16_t has_attributes = 1u << 15;
constexpr std::uint16_t known_bits = has_attributes | ((1u << fields.size()) - 1);
constexpr std::size_t length = sizeof(std::uint32_t);

// Into room that is there.
class Writer {
public:
    explicit Writer(char *at) : at_(at) {}

    template <typename Number>
    void number(Number value)
    {
        std::memcpy(at_, &value, sizeof value);
        at_ += sizeof value;
    }
    void text(jabberd_view field)
    {
        number(static_cast<std::uint32_t>(field.size));
        if (field.size != 0)
            std::memcpy(at_, field.data, field.size);
        at_ += field.size;
    }

private:
    char *at_;
};

jabberd_view take(ByteReader &reader)
{
    return view(reader.take(reader.number<std::uint32_t>()));
}

} // namespace

std::size_t encoded_size(const jabberd_packet &packet)
{
    std::size_t size = sizeof(std::uint16_t);
    for (const auto field : fields) {
        if (present(packet.*field))
            size += length + (packet.*field).size;
    }
    if (packet.attribute_count == 0)
        return size;
    size += length;
    for (std::size_t i = 0; i < packet.attribute_count; ++i)
        size += 2 * length + packet.attributes[i].name.size + packet.attributes[i].value.size;
    return size;
}

void encode(const jabberd_packet &packet, std::size_t size, std::string &out)
{
    const std::size_t begin = out.size();
    out.resize(begin + size);
    Writer writer{out.data() + begin};
    std::uint16_t has = packet.attribute_count == 0 ? 0 : has_attributes;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (present(packet.*fields[i]))
            has = static_cast<std::uint16_t>(has | (1u << i));
    }
    writer.number(has);
    for (const auto field : fields) {
        if (present(packet.*field))
            writer.text(packet.*field);
    }
    if (packet.attribute_count == 0)
        return;
    writer.number(static_cast<std::uint32_t>(packet.attribute_count));
    for (std::size_t i = 0; i < packet.attribute_count; ++i) {
        writer.text(packet.attributes[i].name);
        writer.text(packet.attributes[i].value);
    }
}

bool decode(std::string_view bytes, DecodedPacket &decoded)
{
    ByteReader reader{bytes};
    decoded.packet = {};
    decoded.packet.size = sizeof decoded.packet;
    decoded.attributes.clear();
    const auto has = reader.number<std::uint16_t>();
    if ((has & ~known_bits) != 0)
        return false;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if ((has & (1u << i)) != 0)
            decoded.packet.*fields[i] = take(reader);
    }
    if ((has & has_attributes) != 0) {
        const auto count = reader.number<std::uint32_t>();
        if (count == 0 || count > reader.rest().size() / (2 * length)) // so that a number alone takes no memory
            return false;
        for (std::uint32_t i = 0; i < count; ++i) {
            const jabberd_view name = take(reader);
            decoded.attributes.push_back({name, take(reader)});
        }
        decoded.packet.attributes = decoded.attributes.data();
        decoded.packet.attribute_count = count;
    }
    return reader.at_end() && decoded.packet.name.size != 0;
}

} // namespace jabberd::link
