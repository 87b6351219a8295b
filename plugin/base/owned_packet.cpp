// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/owned_packet.h"

#include "base/packet_fields.h"

#include <cstring>
#include <new>

namespace jabberd {

namespace {

// Calls `visit` with each view of the packet itself.
template <typename Visit>
void for_each_view(Visit visit)
{
    visit(&jabberd_packet::name);
    for (const PacketField &attribute : packet_fields)
        visit(attribute.field);
    visit(&jabberd_packet::body);
}

// Copies the bytes to *end and lets the view point there.
void move_to(jabberd_view &v, char *&end)
{
    if (v.data == nullptr)
        return;
    std::memcpy(end, v.data, v.size);
    v.data = end;
    end += v.size;
}

} // namespace

OwnedPacket::OwnedPacket(const jabberd_packet &original)
{
    const std::size_t attribute_bytes = original.attribute_count * sizeof(jabberd_attribute);
    bytes_ = sizeof(jabberd_packet) + attribute_bytes;
    for_each_view([&](auto field) { bytes_ += (original.*field).size; });
    for (std::size_t i = 0; i < original.attribute_count; ++i)
        bytes_ += original.attributes[i].name.size + original.attributes[i].value.size;

    block_ = std::make_unique_for_overwrite<std::byte[]>(bytes_);
    auto *copy = new (block_.get()) jabberd_packet(original);
    copy->size = sizeof(jabberd_packet);
    auto *attributes = reinterpret_cast<jabberd_attribute *>(copy + 1);
    char *end = reinterpret_cast<char *>(attributes) + attribute_bytes;
    for_each_view([&](auto field) { move_to(copy->*field, end); });
    for (std::size_t i = 0; i < original.attribute_count; ++i) {
        auto *attribute = new (attributes + i) jabberd_attribute(original.attributes[i]);
        move_to(attribute->name, end);
        move_to(attribute->value, end);
    }
    copy->attributes = original.attribute_count == 0 ? nullptr : attributes;
}

} // namespace jabberd
