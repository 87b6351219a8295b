// SPDX-License-Identifier: LGPL-2.1-or-later
// What the server offers to who has not logged in, so that a client can be told without a connection of its own there.
#pragma once

#include "event/alarm.h"
#include "upstream/client/around.h"
#include "upstream/client/link.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace jabberd::upstream {

// By host, and by whether the stream header says who comes: ejabberd has SASL2 for those only. What is known is what
// the last stream has said; where nothing is, or that was long ago, one is opened to ask. An offer with no way to log
// in is none: a server that is only beginning, or wants TLS first, would be believed to have none for ever.
//
// [loop] for all of it.
class Offers {
public:
    // `learned`: called when something is known that find() was asked for in vain.
    using Learned = std::function<void(const std::string &key, std::string_view features)>;
    Offers(Around &around, Learned learned);
    ~Offers();

    static std::string key_of(const Caller &caller) { return caller.host + (caller.from.empty() ? "" : "/from"); }

    std::optional<std::string> find(const Caller &caller);
    void learn(const Caller &caller, std::string_view features);

    // The configuration is another one: it is asked anew.
    void forget() { known_.clear(); }

    void turn_end(); // where questions that are answered end

private:
    class Question;
    struct Known {
        std::string features;
        Time since;
    };

    Around &around_;
    const Learned learned_;
    std::map<std::string, Known> known_;
    std::map<std::string, std::unique_ptr<Question>> questions_;
};

} // namespace jabberd::upstream
