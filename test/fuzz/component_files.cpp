// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/component_files.h"

#include "host/component/identity.h"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <memory>

namespace jabberd::fuzz {

namespace {

struct Read {
    std::optional<jabberd_identity> identity;
    std::string why;
};

Read read(std::string_view file)
{
    // In memory of its own size, so that a sanitizer sees a read beyond it.
    const std::vector<char> bytes{file.begin(), file.end()};
    Read read;
    read.identity = host::find_identity(std::as_bytes(std::span{bytes}), read.why);
    return read;
}

std::string_view bytes_of(const jabberd_identity &identity)
{
    return {reinterpret_cast<const char *>(&identity), sizeof identity};
}

template <typename T>
void append(std::string &out, const T &value)
{
    out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

std::string some_note(Random &random)
{
    static constexpr std::string_view names[] = {{JABBERD_NOTE_NAME, sizeof JABBERD_NOTE_NAME}, {"GNU", 4}, ""};
    const std::string_view name = names[random() % 4 % std::size(names)];
    jabberd_identity identity{};
    identity.abi_major = static_cast<std::uint32_t>(random() % 3);
    std::strcpy(identity.name, "some");
    std::strcpy(identity.version, "1.0");
    if (random() % 8 == 0)
        std::memset(identity.version, 'x', sizeof identity.version);
    ElfW(Nhdr) header{};
    header.n_namesz = static_cast<ElfW(Word)>(name.size());
    header.n_descsz = sizeof identity;
    header.n_type = JABBERD_NOTE_TYPE;
    std::string note;
    append(note, header);
    note.append(name).resize((note.size() + 3) & ~std::size_t{3});
    append(note, identity);
    note.resize((note.size() + 3) & ~std::size_t{3});
    return note;
}

} // namespace

Failure known_or_refused(std::string_view file)
{
    const Read whole = read(file);
    if (!whole.identity)
        return whole.why.empty() ? Failure{"refused without a reason"} : Failure{};
    const jabberd_identity &identity = *whole.identity;
    if (file.find(bytes_of(identity)) == std::string_view::npos)
        return "an identity that does not stand in the file";
    for (const std::string_view text : {std::string_view{identity.name, sizeof identity.name},
                                        std::string_view{identity.version, sizeof identity.version}}) {
        if (text.find('\0') == std::string_view::npos)
            return "a text without an end";
    }
    for (const std::size_t lost : {std::size_t{1}, file.size() / 2, file.size() - 1}) {
        const Read shorter = read(file.substr(0, file.size() - lost));
        if (shorter.identity && bytes_of(*shorter.identity) != bytes_of(identity))
            return "another identity without the last " + std::to_string(lost) + " bytes";
    }
    return {};
}

std::string some_component_file(Random &random)
{
    const std::size_t segments = 1 + random() % 4;
    ElfW(Ehdr) header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    header.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    header.e_type = ET_DYN;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(ElfW(Phdr));
    header.e_phnum = static_cast<ElfW(Half)>(segments);
    std::string file, rest;
    append(file, header);
    for (std::size_t i = 0; i < segments; ++i) {
        std::string content;
        for (auto notes = random() % 3; notes > 0; --notes)
            content += some_note(random);
        ElfW(Phdr) segment{};
        segment.p_type = random() % 4 == 0 ? PT_LOAD : PT_NOTE;
        segment.p_offset = sizeof header + segments * sizeof segment + rest.size();
        segment.p_filesz = content.size();
        append(file, segment);
        rest += content;
    }
    return file + rest;
}

} // namespace jabberd::fuzz
