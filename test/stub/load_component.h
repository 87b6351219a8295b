/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loads a component as any host must: who it is comes first, read from the file, and no code of a stranger runs. */
#ifndef STUB_LOAD_COMPONENT_H
#define STUB_LOAD_COMPONENT_H

#include <jabberd/component.h>

#ifdef __cplusplus
extern "C" {
#endif

struct loaded_component {
    void *library; /* NULL: refused */
    const jabberd_component *component;
    jabberd_identity identity;
    char refusal[256]; /* why, for people */
};

/* False, with `refusal` filled in and nothing left loaded, when the file is no component, or one of another ABI, or
 * lacks what every component must have. */
bool load_component(const char *path, struct loaded_component *loaded);

void unload_component(struct loaded_component *loaded);

#ifdef __cplusplus
}
#endif

#endif
