// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/component/identity.h"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <string_view>

namespace jabberd::host {

namespace {

using Bytes = std::span<const std::byte>;

bool is_inside(Bytes bytes, std::size_t offset, std::size_t size)
{
    return offset <= bytes.size() && bytes.size() - offset >= size;
}

// Copied, because nothing in a file has to be aligned.
template <typename T>
std::optional<T> read_at(Bytes bytes, std::size_t offset)
{
    if (!is_inside(bytes, offset, sizeof(T)))
        return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

// `bytes` from offset on, `size` long; empty when that is not all inside.
Bytes part(Bytes bytes, std::size_t offset, std::size_t size)
{
    return is_inside(bytes, offset, size) ? bytes.subspan(offset, size) : Bytes{};
}

constexpr std::size_t padded(std::size_t size)
{
    return (size + 3) & ~std::size_t{3}; // notes are padded to 4 bytes, also in 64-bit files
}

template <std::size_t size>
bool is_terminated(const char (&text)[size])
{
    return std::memchr(text, '\0', size) != nullptr;
}

// The notes of one PT_NOTE segment, one behind the other.
std::optional<jabberd_identity> find_in_notes(Bytes notes)
{
    constexpr std::string_view wanted{JABBERD_NOTE_NAME, sizeof JABBERD_NOTE_NAME};
    while (const auto header = read_at<ElfW(Nhdr)>(notes, 0)) {
        const Bytes name = part(notes, sizeof *header, header->n_namesz);
        const std::size_t begin = sizeof *header + padded(header->n_namesz);
        const Bytes description = part(notes, begin, header->n_descsz);
        if (header->n_type == JABBERD_NOTE_TYPE &&
            std::string_view{reinterpret_cast<const char *>(name.data()), name.size()} == wanted) {
            const auto identity = read_at<jabberd_identity>(description, 0);
            return identity && is_terminated(identity->name) && is_terminated(identity->version) ? identity
                                                                                                 : std::nullopt;
        }
        const std::size_t end = begin + padded(header->n_descsz);
        if (end >= notes.size())
            break;
        notes = notes.subspan(end);
    }
    return std::nullopt;
}

bool is_our_kind(const ElfW(Ehdr) & header)
{
    constexpr unsigned char our_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    constexpr unsigned char our_order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    return header.e_ident[EI_CLASS] == our_class && header.e_ident[EI_DATA] == our_order;
}

} // namespace

std::optional<jabberd_identity> find_identity(Bytes image, std::string &why)
{
    const auto header = read_at<ElfW(Ehdr)>(image, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        why = "is not an ELF file; a component is a shared object (.so)";
        return std::nullopt;
    }
    if (!is_our_kind(*header) || header->e_type != ET_DYN || header->e_phentsize != sizeof(ElfW(Phdr))) {
        why = "is an ELF file, but not a shared object for this machine";
        return std::nullopt;
    }
    std::optional<jabberd_identity> identity;
    for (std::size_t i = 0; i < header->e_phnum; ++i) {
        const auto segment = read_at<ElfW(Phdr)>(image, header->e_phoff + i * sizeof(ElfW(Phdr)));
        // dlopen() maps segments without asking how long the file is, and dies by SIGBUS where a half-copied one ends.
        if (!segment || !is_inside(image, segment->p_offset, segment->p_filesz)) {
            why = "is cut short; copy it again";
            return std::nullopt;
        }
        if (segment->p_type == PT_NOTE && !identity)
            identity = find_in_notes(image.subspan(segment->p_offset, segment->p_filesz));
    }
    if (identity)
        return identity;
    why = "is a shared object, but not a component: it has no usable note \"jabberd\"; a component is declared with "
          "JABBERD_COMPONENT()";
    return std::nullopt;
}

} // namespace jabberd::host
