// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/control_properties.h"

#include "base/view.h"
#include "fuzz/generator.h"
#include "host/control/completion.h"
#include "host/control/host_commands.h"
#include "host/control/reports.h"
#include "host/control/server.h"
#include "host/control/words.h"
#include "host/log/log.h"

#include <json-glib/json-glib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

namespace jabberd::fuzz {

namespace {

constexpr std::size_t longest_request = 8192; // as plugin/host/control has it
constexpr std::size_t most_bytes = 20000;     // a socket takes them at once

// A host without a service. What it logs goes nowhere.
class Commands final : public host::HostCommands, private host::log::Sink {
public:
    Commands() { host::log::send_to(*this, "host"); }
    ~Commands() { host::log::stop_sending_to(*this); }

    std::string status() override { return host::status_report(host_, std::chrono::seconds{7}); }
    std::string metrics() override { return host::metrics_report("a 1\n"); } // the real ones grow
    void stop() override { ++stops; }

    unsigned stops = 0;
    host::Trace trace;

private:
    host::Host &hosted() override { return host_; }
    host::Configuration configuration_now(host::Mistakes &) override { return {}; }
    void reload_host(host::Mistakes &mistakes) override { host_.reload({}, mistakes); }
    void write(jabberd_log_level, std::string_view, std::span<const jabberd_log_field>) override {}

    host::Host host_{trace};
};

class Client {
public:
    explicit Client(const std::string &path)
    {
        std::string why;
        socket_ = host::connect_control(path, why);
    }

    // What does not go any more is lost: it has been answered.
    void sends(std::string_view bytes)
    {
        send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        listens();
    }
    void sends_no_more()
    {
        shutdown(socket_.get(), SHUT_WR);
        listens();
    }

    // Lets the server do all that there is to do.
    void listens()
    {
        while (g_main_context_iteration(nullptr, FALSE)) {
        }
        std::array<char, 4096> buffer;
        ssize_t count = 0;
        while ((count = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0)
            heard.append(buffer.data(), static_cast<std::size_t>(count));
        ended = ended || count == 0 || errno == ECONNRESET;
    }

    std::string heard;
    bool ended = false;

private:
    UniqueFd socket_;
};

bool is_json(std::string_view line)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    return g_utf8_validate(line.data(), static_cast<gssize>(line.size()), nullptr) &&
           json_parser_load_from_data(parser, line.data(), static_cast<gssize>(line.size()), nullptr) &&
           JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser));
}

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        lines.push_back(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.size(), lines.back().size() + 1));
    }
    return lines;
}

// What the documentation of the control socket promises for a request.
struct Expected {
    enum class Kind { Nothing, Answer, Trace, Stop } kind = Kind::Nothing;
    std::string filter;
    std::size_t lines = 1; // of an answer

    explicit Expected(std::string_view request)
    {
        const auto end = request.find('\n');
        if (end >= longest_request) {
            if (request.size() >= longest_request)
                kind = Kind::Answer;
            return;
        }
        const std::string_view line = request.substr(0, end), word = line.substr(0, line.find(' '));
        kind = word == "trace" ? Kind::Trace : word == "stop" ? Kind::Stop : Kind::Answer;
        if (word.size() < line.size())
            filter = line.substr(word.size() + 1);
        // No component has a command here: what there is to complete are the host's own words.
        const auto words = host::split_words(filter);
        if (word == "complete" && words && host::is_completed_by_host(*words))
            lines = 2; // the words, and the end
    }
};

// What came before the client had sent all, and what after that.
struct Heard {
    std::string answer;
    Failure failure;
};

Heard hear(const std::vector<std::string_view> &pieces, const Expected &expected, const std::string &path)
{
    using Kind = Expected::Kind;
    Commands commands;
    host::ControlServer server{commands, commands.trace};
    std::string why;
    if (!server.listen(path, why))
        return {{}, "no control socket: " + why};
    Client client{path};
    for (const std::string_view piece : pieces)
        client.sends(piece);

    Client other{path};
    other.sends("status\n");
    if (!other.ended || lines_of(other.heard).size() != 1 || !is_json(other.heard))
        return {{}, "another client was told " + other.heard};

    Heard heard{client.heard, {}};
    const auto lines = lines_of(heard.answer);
    const bool has_one = expected.kind == Kind::Answer || expected.kind == Kind::Trace;
    if (lines.size() != (has_one ? expected.lines : 0) || client.ended != (expected.kind == Kind::Answer))
        heard.failure = client.ended ? "ended with " + heard.answer : "goes on after " + heard.answer;
    else if (commands.stops != (expected.kind == Kind::Stop ? 1u : 0u))
        heard.failure = "stopped " + std::to_string(commands.stops) + " times";
    if (expected.kind == Kind::Trace) {
        jabberd_packet packet{};
        packet.size = sizeof packet;
        packet.name = view("message");
        packet.to = packet.body = view(expected.filter);
        commands.trace.show(expected.filter, "c2s", packet);
        client.listens();
        if (client.heard.size() == heard.answer.size())
            heard.failure = "a trace does not show what its filter says";
    }
    client.sends_no_more();
    if (!client.ended)
        heard.failure = "goes on when its client has ended";
    for (const std::string_view line : lines_of(client.heard)) {
        if (!is_json(line))
            heard.failure = "no JSON: " + std::string{line};
    }
    if (!client.heard.empty() && client.heard.back() != '\n')
        heard.failure = "the last line has no end";
    return heard;
}

std::string shown(std::string_view request)
{
    return "\nof " + std::to_string(request.size()) + " bytes: " + std::string{request.substr(0, 200)};
}

const std::string &directory()
{
    struct Made {
        Made()
        {
            path = (std::filesystem::temp_directory_path() / "control-XXXXXX").string();
            if (mkdtemp(path.data()) == nullptr)
                std::abort();
        }
        ~Made()
        {
            std::error_code ignored;
            std::filesystem::remove_all(path, ignored);
        }
        std::string path;
    };
    static const Made made;
    return made.path;
}

} // namespace

Failure one_answer_in_any_cut(std::string_view request, Random &random)
{
    request = request.substr(0, most_bytes);
    const Expected expected{request};
    const std::string path = directory() + "/socket";
    std::string first;
    for (int round = 0; round < 3; ++round) {
        std::vector<std::string_view> pieces;
        for (std::string_view rest = request; !rest.empty();) {
            // Few of them, for the sake of what is long.
            const std::size_t done = request.size() - rest.size();
            const std::size_t bytes = round == 0 ? rest.size() : 1 + random() % (round == 1 ? 9000 : 20 + done);
            pieces.push_back(rest.substr(0, bytes));
            rest.remove_prefix(pieces.back().size());
        }
        const Heard heard = hear(pieces, expected, path);
        if (heard.failure)
            return *heard.failure + shown(request);
        if (round != 0 && heard.answer != first)
            return first + "in other pieces: " + heard.answer + shown(request);
        first = heard.answer;
    }
    return {};
}

std::string some_request(Random &random)
{
    static constexpr std::string_view words[] = {"status",      "sessions", "metrics",  "reload",  "swap",
                                                 "trace",       "stop",     "stat",     "",        "reopen",
                                                 "swap c2s /x", "run",      "complete", "commands"};
    static constexpr std::string_view arguments[] = {"",
                                                     "c2s /lib/x.so",
                                                     " /x",
                                                     "a b /\xFF/c",
                                                     "c2s x",
                                                     "c2s /a /b",
                                                     "alice@foo.com",
                                                     "\xF0\x9F\x98\x80",
                                                     "\"}{\\",
                                                     "\x7F\x1B[2J",
                                                     "help st",
                                                     "accounts%20%zz",
                                                     "%00",
                                                     "st"};
    std::string request{words[random() % std::size(words)]};
    if (random() % 3 != 0)
        request.append(1, ' ').append(arguments[random() % std::size(arguments)]);
    if (random() % 8 == 0)
        request.append(longest_request - 40 + random() % 80 - std::min<std::size_t>(request.size(), 30), 'x');
    if (random() % 5 == 0)
        request = broken(request, random);
    if (random() % 10 != 0)
        request += '\n';
    if (random() % 4 == 0)
        request += "status\n";
    return request;
}

} // namespace jabberd::fuzz
