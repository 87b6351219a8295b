// SPDX-License-Identifier: LGPL-2.1-or-later
// Work that waits (hashing, storage, packets for users who are being loaded): whose it is, and how much each may have.
#pragma once

#include "base/share.h"
#include "session_manager/base/turns.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jabberd::session_manager {

// Who has caused some work.
struct Causer {
    enum class Kind { Address, Account, Host }; // before a login, of a session, elsewhere

    Kind kind = Kind::Address;
    std::string group; // the network address, the bare address of the account, or the other host
    std::string one;   // the connection, the session, or who it is at that host
};

// A piece of work and the bytes it carries, until it is destroyed.
class Work {
public:
    Work() = default; // the session manager's own, in no share
    // Done in somebody's turn, and counted elsewhere.
    static Work of_nobody(Turn turn)
    {
        Work work;
        work.turn_ = std::move(turn);
        return work;
    }

    explicit operator bool() const { return static_cast<bool>(pieces_); }
    const Turn &turn() const { return turn_; }

private:
    friend class WorkShares;

    Portion pieces_, bytes_;
    Turn turn_;
};

// What each may have waiting: all ── address, account or host ── connection. [any-thread]
class WorkShares {
public:
    // Of one connection; a group may have twice as much, and all together 32 times as many pieces and 16 times as many
    // bytes.
    struct Limits {
        std::size_t pieces = 512, bytes = 4 * 1024 * 1024;
    };

    explicit WorkShares(const Limits &limits) { set(limits); }
    void set(const Limits &limits);

    // False: refused; it has enough.
    Work take(const Causer &causer, std::size_t bytes);
    // Of what cannot be refused any more.
    Work hold(const Causer &causer, std::size_t bytes);

    std::size_t pieces() const { return pieces_.all.held(); }
    std::size_t bytes() const { return bytes_.all.held(); }
    // More than all fair shares: those who send to us are to wait.
    bool are_exceeded() const { return pieces_.all.held() > 2 * pieces_.of_all.most; }
    bool are_low() const { return pieces_.all.held() < pieces_.of_all.most; }

    // How often something was refused, by the name of the share that had enough.
    struct Refusals {
        std::string name;
        std::uint64_t count;
    };
    std::vector<Refusals> refusals() const;

private:
    static constexpr std::size_t kinds = 3;

    struct Tree {
        std::shared_ptr<Share> share_of(const Causer &causer);
        void set(std::size_t of_a_connection_, std::size_t all_times);

        Quota of_all{0};
        std::array<Quota, kinds> of_a_group{Quota{0}, Quota{0}, Quota{0}};
        Quota of_a_connection{0};
        Share all{of_all};
        std::array<Shares<std::string>, kinds> groups{
            Shares<std::string>{of_a_group[0], &all},
            Shares<std::string>{of_a_group[1], &all},
            Shares<std::string>{of_a_group[2], &all},
        };
        std::array<Shares<std::pair<std::string, std::string>>, kinds> connections{
            Shares<std::pair<std::string, std::string>>{of_a_connection},
            Shares<std::pair<std::string, std::string>>{of_a_connection},
            Shares<std::pair<std::string, std::string>>{of_a_connection},
        };
    };

    Tree pieces_, bytes_;
};

std::string_view name_of(Causer::Kind kind);

} // namespace jabberd::session_manager
