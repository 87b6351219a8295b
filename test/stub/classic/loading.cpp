// SPDX-License-Identifier: LGPL-2.1-or-later
#include "loading.h"

#include "delivery.h"
#include "reading.h"
#include "session_manager.h"
#include "strict.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

namespace stub {

namespace {

using Entry = void (*)(instance_struct *, Node *);

std::map<std::string, void *> libraries; // by path: each is loaded once
std::map<const Node *, Entry> entries;   // by the element that names them
std::vector<std::unique_ptr<SessionManager>> session_managers;

bool complain(const std::string &text)
{
    std::fprintf(stderr, "stub: %s\n", text.c_str());
    return false;
}

void *load(const std::string &path)
{
    const auto [known, is_new] = libraries.try_emplace(path, nullptr);
    if (!is_new)
        return known->second;
    dlerror();
    void *library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
    // The error counts, not the handle: 1.1 looks at nothing else.
    if (const char *error = dlerror()) {
        complain("loading " + path + " failed: " + error);
        return nullptr;
    }
    return known->second = library;
}

bool find_entry(const Node *element)
{
    void *library = load(text_of(element));
    if (library == nullptr)
        return false;
    void *entry = dlsym(library, element->name);
    if (entry == nullptr)
        entry = dlsym(library, (std::string{"_"} + element->name).c_str());
    if (entry == nullptr)
        return complain(std::string{text_of(element)} + " has no " + element->name);
    entries[element] = reinterpret_cast<Entry>(entry);
    return true;
}

const char *attribute_or(const Node *node, const char *name, const char *otherwise)
{
    const char *value = attribute(node, name);
    return value == nullptr ? otherwise : value;
}

result to_session_manager(instance_struct *, dpacket_struct *packet, void *argument)
{
    static_cast<SessionManager *>(argument)->receive(packet->x);
    return r_DONE;
}

void start_session_manager(instance_struct *instance, const std::string &host, const Node *element)
{
    const std::string kind = attribute_or(element, "kind", "");
    std::unique_ptr<SessionManager> made;
    if (kind == "scripted")
        made = make_scripted(attribute_or(element, "socket", ""));
    else if (kind == "simple")
        made = make_simple(host);
    else
        refuse("there is no session manager of the kind \"%s\"", kind.c_str());
    add_handler(instance, o_DELIVER, to_session_manager, made.get(), Owner::Host);
    session_managers.push_back(std::move(made));
}

// The child that `main` names, or the only one.
Entry entry_of(const Node *load)
{
    const char *main = attribute(load, "main");
    for (const Node *found = load->firstchild; found != nullptr; found = found->next)
        if (found->type == NTYPE_TAG && (main == nullptr || std::strcmp(found->name, main) == 0))
            return entries.at(found);
    return nullptr;
}

void execute_section(Node *section)
{
    const std::string id = attribute_or(section, "id", "");
    std::vector<std::string> hosts;
    for (const Node *found = section->firstchild; found != nullptr; found = found->next)
        if (is(found, "host"))
            hosts.emplace_back(text_of(found));
    instance_struct *instance = add_instance(section, id, hosts);
    if (const Node *element = child(section, "session_manager"))
        start_session_manager(instance, hosts.empty() ? id : hosts.front(), element);
    Node *load = child(section, "load");
    if (load == nullptr)
        return;
    if (const Entry entry = entry_of(load))
        entry(instance, load);
}

} // namespace

Node *read_configuration(const std::string &path)
{
    std::ifstream file{path};
    std::stringstream text;
    text << file.rdbuf();
    Node *root = file ? read_document(text.str(), false) : nullptr;
    if (root == nullptr)
        complain(path + " cannot be read");
    return root;
}

bool validate(const Node *configuration)
{
    for (const Node *section = configuration->firstchild; section != nullptr; section = section->next) {
        const Node *load = is(section, "service") ? child(section, "load") : nullptr;
        for (const Node *found = load == nullptr ? nullptr : load->firstchild; found != nullptr; found = found->next)
            if (found->type == NTYPE_TAG && !find_entry(found))
                return false;
    }
    return true;
}

void execute(Node *configuration)
{
    for (Node *section = configuration->firstchild; section != nullptr; section = section->next)
        if (is(section, "service"))
            execute_section(section);
}

void free_session_managers()
{
    session_managers.clear();
}

} // namespace stub
