// SPDX-License-Identifier: LGPL-2.1-or-later
#include "upstream/client/offers.h"

#include "base/log.h"
#include "upstream/wire/features.h"

#include <system_error>
#include <utility>

namespace jabberd::upstream {

namespace {

constexpr std::chrono::seconds ask_again{1};
constexpr std::chrono::minutes give_up{5};    // asks no more, until a client does
constexpr std::chrono::minutes believed{1};   // then it is asked anew, while the next are told what is known
constexpr std::size_t max_offer = 128 * 1024; // bytes; twice as many get to no client (include/jabberd/session.h)

bool is_offer(std::string_view features)
{
    return features.size() <= max_offer && has_login(features);
}

} // namespace

// One stream, until the server has said what it offers.
class Offers::Question final : private LinkOwner {
public:
    Question(Offers &offers, Caller caller)
        : offers_(offers), caller_(std::move(caller)), since_(offers.around_.loop.now())
    {
        // The instance asks under a name of its own: one that the first client has made up could be refused, and all
        // clients would wait.
        caller_.client.reset();
        caller_.lang.clear();
        if (!caller_.from.empty())
            caller_.from = "offers@" + caller_.host;
    }

    bool is_done() const { return is_done_; }

    void ask()
    {
        link_.reset();
        waits_ = false;
        offers_.around_.loop.timers().set(alarm_, offers_.around_.loop.now() + offers_.around_.options->patience);
        try {
            link_ = std::make_unique<Link>(offers_.around_, static_cast<LinkOwner &>(*this), caller_);
        } catch (const std::system_error &error) {
            lost({}, error.what());
        }
    }

private:
    void features(std::string_view children) override
    {
        if (is_done_)
            return;
        if (!is_offer(children))
            return lost({}, "it offers no way to log in: perhaps it wants TLS first (README.md of upstream)");
        is_done_ = true;
        alarm_.cancel();
        if (is_away_)
            write_log(offers_.around_.host, JABBERD_LOG_NOTICE, "the server is there again",
                      {{"SERVER", offers_.around_.options->server_name()}});
        link_->write("</stream:stream>");
        link_->flush();
        offers_.learn(caller_, children);
    }

    void element(const xml::Stanza &) override {}

    void lost(std::string_view condition, std::string_view text) override
    {
        if (is_done_)
            return;
        waits_ = true;
        caller_.server.reset();
        if (!std::exchange(is_away_, true))
            write_log(offers_.around_.host, JABBERD_LOG_WARNING, "the server is away, and it is tried again",
                      {{"SERVER", offers_.around_.options->server_name()}, {"CONDITION", condition}, {"REASON", text}});
        if (offers_.around_.loop.now() - since_ > give_up)
            is_done_ = true;
        else
            offers_.around_.loop.timers().set(alarm_, offers_.around_.loop.now() + ask_again);
    }

    bool moved(const net::SocketAddress &where) override
    {
        if (is_done_ || offers_.around_.loop.now() - since_ > give_up)
            return false;
        caller_.server = where;
        waits_ = true;
        offers_.around_.loop.timers().set(alarm_, offers_.around_.loop.now());
        return true;
    }

    Offers &offers_;
    Caller caller_;
    const Time since_;
    std::unique_ptr<Link> link_;
    event::Alarm alarm_{[this] { waits_ ? ask() : lost({}, "it does not answer in time"); }};
    bool is_done_ = false, is_away_ = false;
    bool waits_ = false; // to ask again
};

Offers::Offers(Around &around, Learned learned) : around_(around), learned_(std::move(learned))
{
}

Offers::~Offers() = default;

std::optional<std::string> Offers::find(const Caller &caller)
{
    const std::string key = key_of(caller);
    const auto known = known_.find(key);
    const bool is_known = known != known_.end();
    if ((!is_known || around_.loop.now() - known->second.since > believed) && !questions_.contains(key))
        questions_.emplace(key, std::make_unique<Question>(*this, caller)).first->second->ask();
    return is_known ? std::optional{known->second.features} : std::nullopt;
}

void Offers::learn(const Caller &caller, std::string_view features)
{
    if (!is_offer(features))
        return;
    const std::string key = key_of(caller);
    const bool is_new = !known_.contains(key);
    known_[key] = {std::string{features}, around_.loop.now()};
    if (is_new)
        learned_(key, features);
}

void Offers::turn_end()
{
    std::erase_if(questions_, [](const auto &question) { return question.second->is_done(); });
}

} // namespace jabberd::upstream
