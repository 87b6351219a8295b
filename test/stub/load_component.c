/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stub/load_component.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What MINOR 0 ended with: a component may be larger, never smaller. */
#define SMALLEST_COMPONENT                                                                                             \
    (offsetof(jabberd_component, get_extension) + sizeof(((jabberd_component *)0)->get_extension))

static bool refuse(struct loaded_component *loaded, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(loaded->refusal, sizeof loaded->refusal, format, arguments);
    va_end(arguments);
    unload_component(loaded);
    return false;
}

static size_t aligned(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

/* Finds our note in one PT_NOTE segment: any number of (name size, value size, type, name, value), each part padded to
 * four bytes. */
static bool find_note(const unsigned char *notes, size_t size, jabberd_identity *identity)
{
    Elf64_Nhdr note;
    while (size >= sizeof note) {
        memcpy(&note, notes, sizeof note);
        const size_t value = sizeof note + aligned(note.n_namesz), end = value + aligned(note.n_descsz);
        if (end > size)
            return false;
        if (note.n_type == JABBERD_NOTE_TYPE && note.n_namesz == sizeof(JABBERD_NOTE_NAME) &&
            memcmp(notes + sizeof note, JABBERD_NOTE_NAME, note.n_namesz) == 0 && note.n_descsz == sizeof *identity) {
            memcpy(identity, notes + value, sizeof *identity);
            return true;
        }
        notes += end;
        size -= end;
    }
    return false;
}

static bool find_identity(const unsigned char *file, size_t size, jabberd_identity *identity)
{
    Elf64_Ehdr header;
    if (size < sizeof header || memcmp(file, ELFMAG, SELFMAG) != 0 || file[EI_CLASS] != ELFCLASS64)
        return false;
    memcpy(&header, file, sizeof header);
    for (size_t i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        const size_t at = header.e_phoff + i * sizeof segment;
        if (at > size || size - at < sizeof segment)
            return false;
        memcpy(&segment, file + at, sizeof segment);
        if (segment.p_type == PT_NOTE && segment.p_offset <= size && segment.p_filesz <= size - segment.p_offset &&
            find_note(file + segment.p_offset, segment.p_filesz, identity))
            return true;
    }
    return false;
}

static bool read_identity(const char *path, jabberd_identity *identity)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    bool found = false;
    if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size > 0) {
        const size_t size = (size_t)status.st_size;
        void *file = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (file != MAP_FAILED) {
            found = find_identity(file, size, identity);
            munmap(file, size);
        }
    }
    if (fd >= 0)
        close(fd);
    return found;
}

bool load_component(const char *path, struct loaded_component *loaded)
{
    memset(loaded, 0, sizeof *loaded);
    jabberd_identity *identity = &loaded->identity;
    if (!read_identity(path, identity))
        return refuse(loaded, "no identity note");
    if (memchr(identity->name, '\0', sizeof identity->name) == NULL ||
        memchr(identity->version, '\0', sizeof identity->version) == NULL || identity->name[0] == '\0')
        return refuse(loaded, "no readable name and version in the identity note");
    if (identity->abi_major != JABBERD_ABI_MAJOR)
        return refuse(loaded, "made for ABI %u, this is %u", identity->abi_major, JABBERD_ABI_MAJOR);

    loaded->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (loaded->library == NULL)
        return refuse(loaded, "%s", dlerror());
    const jabberd_component *component = dlsym(loaded->library, JABBERD_COMPONENT_SYMBOL);
    if (component == NULL)
        return refuse(loaded, "no symbol " JABBERD_COMPONENT_SYMBOL);
    if (component->size < SMALLEST_COMPONENT)
        return refuse(loaded, "struct of %zu bytes, too small", component->size);
    if (component->thread_model != JABBERD_SERIALIZED && component->thread_model != JABBERD_PARALLEL)
        return refuse(loaded, "unknown thread model %d", (int)component->thread_model);
    if (component->create == NULL || component->start == NULL || component->destroy == NULL)
        return refuse(loaded, "no create, start or destroy");
    loaded->component = component;
    return true;
}

void unload_component(struct loaded_component *loaded)
{
    if (loaded->library != NULL)
        dlclose(loaded->library);
    loaded->library = NULL;
    loaded->component = NULL;
}
