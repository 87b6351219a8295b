// SPDX-License-Identifier: LGPL-2.1-or-later
// What is scarce, shared out: who holds how much of it, and who has had enough.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace jabberd {

// What each holder of one kind may have: each connection, each address, each account, or all together.
struct Quota {
    explicit Quota(std::size_t most_) : most(most_) {}

    std::atomic<std::size_t> most;         // 0: no limit
    std::atomic<std::uint64_t> refused{0}; // how often a holder was refused more, or had to give up what it had
};

// What one holder has of something: work in flight, bytes. Shares are of larger ones, up to the whole:
//
//   all ── address ── connection
//
// That the whole is full is no reason to refuse those who have little of it: who has no more than an equal part of it
// gets more. So the whole may come to hold twice its quota, and only those who have more than others feel that it is
// full. Thread-safe. The quota is borrowed for life, and so is the larger share, unless it is a shared one; what it
// holds goes back when it is destroyed.
class Share {
public:
    explicit Share(Quota &quota, Share *of = nullptr) : quota_(quota), of_(of) {}
    Share(Quota &quota, std::shared_ptr<Share> of) : quota_(quota), kept_(std::move(of)), of_(kept_.get()) {}
    ~Share() { give_back(held()); }
    Share(const Share &) = delete;
    Share &operator=(const Share &) = delete;

    // False: it has enough, or a share that it is of has; nothing is taken.
    bool take(std::size_t amount);
    void give_back(std::size_t amount);

    // Of what is here already and cannot be refused any more: whoever has too much must give up something.
    void hold(std::size_t amount);

    std::size_t held() const { return held_.load(std::memory_order_relaxed); }
    bool is_over() const { return quota_.most != 0 && held() > quota_.most; }
    std::size_t equal_part() const; // of those who hold some of it now
    Quota &quota() const { return quota_; }

private:
    void add(std::size_t amount);
    void remove(std::size_t amount);

    Quota &quota_;
    const std::shared_ptr<Share> kept_;
    Share *const of_;
    std::atomic<std::size_t> held_{0};
    std::atomic<std::size_t> holders_{0}; // shares of this one that hold something
};

// The shares of one kind of holder, by its key. One lives while somebody has it.
template <typename Key>
class Shares {
public:
    explicit Shares(Quota &quota, Share *of = nullptr) : quota_(quota), of_(of) {}

    std::shared_ptr<Share> of(const Key &key)
    {
        return find(key, [this] { return std::make_shared<Share>(quota_, of_); });
    }

    // Of a larger share that comes and goes as well. The same key always comes with the same one.
    std::shared_ptr<Share> of(const Key &key, const std::shared_ptr<Share> &larger)
    {
        return find(key, [&] { return std::make_shared<Share>(quota_, larger); });
    }

private:
    static constexpr std::size_t fewest_to_forget = 256;

    template <typename Make>
    std::shared_ptr<Share> find(const Key &key, Make make)
    {
        const std::lock_guard lock{mutex_};
        if (shares_.size() >= forget_at_) {
            std::erase_if(shares_, [](const auto &entry) { return entry.second.expired(); });
            forget_at_ = std::max(fewest_to_forget, 2 * shares_.size()); // O(1) a call, in the long run
        }
        std::weak_ptr<Share> &known = shares_[key];
        std::shared_ptr<Share> share = known.lock();
        if (share == nullptr)
            known = share = make();
        return share;
    }

    Quota &quota_;
    Share *const of_;
    std::mutex mutex_;
    std::map<Key, std::weak_ptr<Share>> shares_;
    std::size_t forget_at_ = fewest_to_forget;
};

// Some of a share, until it is destroyed.
class Portion {
public:
    Portion() = default; // of nothing

    // Empty when the share has enough.
    static Portion of(std::shared_ptr<Share> share, std::size_t amount)
    {
        return share->take(amount) ? Portion{std::move(share), amount} : Portion{};
    }
    // Of what cannot be refused any more.
    static Portion held(std::shared_ptr<Share> share, std::size_t amount)
    {
        share->hold(amount);
        return Portion{std::move(share), amount};
    }
    ~Portion()
    {
        if (share_)
            share_->give_back(amount_);
    }
    Portion(Portion &&other) noexcept : share_(std::move(other.share_)), amount_(std::exchange(other.amount_, 0)) {}
    Portion &operator=(Portion &&other) noexcept
    {
        std::swap(share_, other.share_);
        std::swap(amount_, other.amount_);
        return *this;
    }

    explicit operator bool() const { return share_ != nullptr; }

private:
    Portion(std::shared_ptr<Share> share, std::size_t amount) : share_(std::move(share)), amount_(amount) {}

    std::shared_ptr<Share> share_;
    std::size_t amount_ = 0;
};

} // namespace jabberd
