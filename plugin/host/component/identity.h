// SPDX-License-Identifier: LGPL-2.1-or-later
// Who a component is, read from its file as data: nothing of it runs.
#pragma once

#include <jabberd/component.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace jabberd::host {

// The jabberd_identity in an ELF image. Nothing after saying in `why` what the bytes are instead; name and version of
// what is returned are terminated. Never reads outside `image`.
std::optional<jabberd_identity> find_identity(std::span<const std::byte> image, std::string &why);

} // namespace jabberd::host
