// SPDX-License-Identifier: LGPL-2.1-or-later
#include "privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace jabberd::host {

namespace {

constexpr __u32 kept = 1u << CAP_NET_BIND_SERVICE;

// Of this thread, and of those that it makes. The kernel's own call, for which libc has no name.
bool keep_only(__u32 capabilities)
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct data[2] = {{capabilities, capabilities, 0}, {0, 0, 0}};
    return syscall(SYS_capset, &header, data) == 0;
}

// What a program that has the file capabilities, or is set-user-ID, could still get.
void bound_capabilities()
{
    for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        if (capability != CAP_NET_BIND_SERVICE)
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0); // one that this kernel does not know is none
    }
}

struct Identity {
    std::string name;
    uid_t user = 0;
    gid_t group = 0;
};

std::string find(const std::string &wanted, Identity &found)
{
    const auto colon = wanted.find(':');
    found.name = wanted.substr(0, colon);
    const passwd *user = getpwnam(found.name.c_str());
    if (user == nullptr)
        return "there is no user '" + found.name + "'";
    found.user = user->pw_uid;
    found.group = user->pw_gid;
    if (colon == std::string::npos)
        return {};
    const std::string name = wanted.substr(colon + 1);
    const struct group *group = getgrnam(name.c_str());
    if (group == nullptr)
        return "there is no group '" + name + "'";
    found.group = group->gr_gid;
    return {};
}

} // namespace

std::string become_user(const std::string &wanted)
{
    Identity identity;
    if (std::string why = find(wanted, identity); !why.empty())
        return why;
    if (identity.user == geteuid() && identity.group == getegid())
        return {};
    if (geteuid() != 0)
        return "only root can become " + wanted + ", and the host was started by another user";
    bound_capabilities();
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (initgroups(identity.name.c_str(), identity.group) != 0 ||
        setresgid(identity.group, identity.group, identity.group) != 0 ||
        setresuid(identity.user, identity.user, identity.user) != 0)
        return "cannot become " + wanted + ": " + std::strerror(errno);
    // A container may have given root no such capability: then there are no such ports.
    if (identity.user != 0 && !keep_only(kept) && !keep_only(0))
        return std::string{"cannot give up root's capabilities: "} + std::strerror(errno);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (identity.user != 0 && setresuid(0, 0, 0) == 0)
        return "could become root again after it became " + wanted;
    return {};
}

} // namespace jabberd::host
