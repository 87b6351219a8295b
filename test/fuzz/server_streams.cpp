// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/server_streams.h"

#include "upstream/wire/features.h"
#include "upstream/wire/server_stream.h"
#include "xml/document.h"
#include "xml/packet_text.h"

#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

namespace jabberd::fuzz {

namespace {

constexpr xml::Limits limits{.bytes = 3000, .elements = 100, .attributes = 16, .depth = 16, .name_bytes = 100};

class Heard final : public upstream::ServerStreamOwner {
public:
    void features(std::string_view children) override { add("features " + std::string{children}); }
    void element(const xml::Stanza &stanza) override
    {
        std::string text;
        xml::append_packet(text, stanza.packet);
        add(std::move(text));
    }
    void ended(End end, std::string_view condition, std::string_view text) override
    {
        // Which of two faults is found first may depend on how far the parser could see.
        add(end == End::Broken ? "broken"
                               : "ended " + std::to_string(static_cast<int>(end)) + ' ' + std::string{condition} +
                                     ": " + std::string{text});
    }

    std::vector<std::string> events;
    xml::ParserPool parsers;
    std::unique_ptr<upstream::ServerStream> stream = std::make_unique<upstream::ServerStream>(*this);

private:
    void add(std::string event) { events.push_back(std::move(event)); }
};

std::optional<std::string> wrong_offer(const std::string &features)
{
    for (const bool tls : {true, false}) {
        const std::string offered = upstream::offered_features(features, {.tls = tls});
        if (!xml::parse_body(offered))
            return "what is offered cannot be read: " + offered;
        if (upstream::offered_features(offered, {.tls = tls}) != offered)
            return "what is offered has something that may not be: " + offered;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> same_server_stream(std::string_view bytes, unsigned seed)
{
    Heard whole, cut;
    whole.stream->feed(bytes, limits, whole.parsers);
    std::minstd_rand random{seed + 1};
    for (std::string_view rest = bytes; !rest.empty();) {
        const std::size_t size = 1 + random() % rest.size();
        cut.stream->feed(rest.substr(0, size), limits, cut.parsers);
        rest.remove_prefix(size);
        if (random() % 2 != 0)
            continue;
        auto value = cut.stream->save();
        cut.stream = std::make_unique<upstream::ServerStream>(cut);
        try {
            cut.stream->restore(std::move(value), limits, cut.parsers);
        } catch (const std::runtime_error &error) {
            return std::string{"its own state is not taken: "} + error.what();
        }
    }
    if (whole.events != cut.events) {
        std::string words = "as a whole, and in pieces:";
        for (const Heard *heard : {&whole, &cut}) {
            words += "\n --";
            for (const std::string &event : heard->events)
                words += "\n" + event;
        }
        return words;
    }
    for (const std::string &event : whole.events) {
        if (event.starts_with("features ")) {
            if (auto wrong = wrong_offer(event.substr(9)))
                return wrong;
        }
    }
    return std::nullopt;
}

} // namespace jabberd::fuzz
