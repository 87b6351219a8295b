// SPDX-License-Identifier: LGPL-2.1-or-later
// Accounts as XEP-0227 has them, piece by piece: the whole is as long as there are accounts.
#pragma once

#include "session_manager/portable/account.h"

#include <string>
#include <string_view>

namespace jabberd::session_manager::portable {

std::string begin_of_data();
std::string begin_of_host(std::string_view host);
std::string user_element(const PortableAccount &account);
std::string end_of_host();
std::string end_of_data();

} // namespace jabberd::session_manager::portable
