// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/component_streams.h"

#include "base/view.h"
#include "component_stream/wire/handshake.h"
#include "component_stream/wire/stream.h"
#include "xml/packet_text.h"

#include <algorithm>
#include <memory>
#include <random>

namespace jabberd::fuzz {

namespace {

using namespace component_stream;

EndpointOptions options_of(Role role, Dialect dialect)
{
    EndpointOptions options;
    options.role = role;
    options.dialect = dialect;
    options.secret = "secret";
    options.hosts = {"rooms.localhost"};
    options.greeting = "rooms.localhost";
    return options;
}

class Heard final : private StreamOwner {
public:
    explicit Heard(const EndpointOptions &options) : options_(options), stream_(make()) {}

    void begin()
    {
        if (options_.role == Role::Connect)
            stream_->begin();
    }
    void feed(std::string_view bytes) { stream_->feed(bytes); }

    // It goes on in another one.
    void swap()
    {
        const auto before = std::move(stream_);
        stream_ = make();
        stream_->restore(before->save());
    }

    std::string said;    // all it wrote, reported and ended with, in order
    bool failed = false; // a stanza before the handshake

private:
    std::unique_ptr<Stream> make()
    {
        return std::make_unique<Stream>(options_, "components", static_cast<StreamOwner &>(*this), "id1");
    }

    // Which mistake of several is found first depends on what has come; that there is one does not.
    void write(std::string_view bytes) override
    {
        const auto error = bytes.find("<stream:error>");
        said.append("\n> ").append(bytes.substr(0, error)).append(error == std::string_view::npos ? "" : "error");
    }
    std::optional<stream::StreamError> authenticated(std::string_view name) override
    {
        said.append("\nopen ").append(name);
        open_ = true;
        return std::nullopt;
    }
    void wrong_secret() override { said += "\nwrong"; }
    void stanza(const xml::Stanza &stanza) override
    {
        failed = failed || !open_;
        said += "\n< ";
        xml::append_packet(said, stanza.packet);
    }
    void ended(End end, std::string_view condition, std::string_view) override
    {
        said.append("\nend ").append(std::to_string(static_cast<int>(end)));
        if (end != End::OurError)
            said += condition;
    }

    const EndpointOptions &options_;
    bool open_ = false;
    std::unique_ptr<Stream> stream_;
};

} // namespace

std::optional<std::string> same_component_stream(std::string_view bytes, unsigned seed)
{
    std::string text{bytes};
    const std::string handshake = handshake_of("id1", "secret");
    for (auto at = text.find(handshake_mark); at != std::string::npos; at = text.find(handshake_mark, at + 1))
        text.replace(at, handshake_mark.size(), handshake);
    std::minstd_rand random{seed + 1};
    for (const Role role : {Role::Accept, Role::Connect}) {
        for (const Dialect dialect : {Dialect::Component, Dialect::Session, Dialect::Route}) {
            const EndpointOptions options = options_of(role, dialect);
            Heard whole{options}, cut{options};
            whole.begin();
            cut.begin();
            whole.feed(text);
            for (std::string_view rest = text; !rest.empty();) {
                const auto size = std::min<std::size_t>(rest.size(), 1 + random() % 40);
                cut.feed(rest.substr(0, size));
                rest.remove_prefix(size);
                if (random() % 4 == 0)
                    cut.swap();
            }
            if (whole.failed || cut.failed)
                return "a stanza before the handshake: " + whole.said + "\n" + cut.said;
            if (whole.said != cut.said)
                return "whole:" + whole.said + "\nin pieces:" + cut.said;
        }
    }
    return std::nullopt;
}

} // namespace jabberd::fuzz
