// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/component_command.h"

#include "base/base64.h"
#include "ctl/answer.h"
#include "ctl/input.h"
#include "ctl/terminal.h"
#include "host/control/words.h"
#include "host/text/printable.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace jabberd::ctl {

namespace {

constexpr std::size_t most_at_once = 6 * 1024; // bytes of input in one line of the protocol

int fail(const std::string &why)
{
    std::fprintf(stderr, "jabberd-ctl: %s\n", why.c_str());
    return 1;
}

// What a file or a program gets is what the command has written; what a terminal gets must not drive it.
bool write_out(const std::string &text, std::FILE *stream)
{
    if (isatty(fileno(stream)) == 0)
        return std::fwrite(text.data(), 1, text.size(), stream) == text.size();
    std::string out;
    std::string_view rest = text;
    for (auto end = rest.find_first_of("\n\t"); end != std::string_view::npos; end = rest.find_first_of("\n\t")) {
        host::append_printable(out, rest.substr(0, end));
        out += rest.substr(end, 1);
        rest.remove_prefix(end + 1);
    }
    host::append_printable(out, rest);
    return std::fwrite(out.data(), 1, out.size(), stream) == out.size();
}

class Conversation {
public:
    explicit Conversation(Client &client) : client_(client) {}

    // False: the reader of our output has gone, or the host has.
    bool take(JsonObject *line)
    {
        if (has(line, "out"))
            return write_out(text(line, "out"), stdout);
        if (has(line, "err"))
            return std::fflush(stdout) == 0 && write_out(text(line, "err"), stderr);
        if (text(line, "ask") == "input")
            return give_input();
        return text(line, "ask") != "secret" || give_secret(text(line, "prompt"), flag(line, "twice"));
    }

private:
    bool give_input()
    {
        if (rest_.empty())
            rest_ = input_.some();
        if (rest_.empty())
            return client_.send_line("end");
        const Secret now{std::string{rest_.view().substr(0, most_at_once)}};
        rest_ = Secret{std::string{rest_.view().substr(now.view().size())}};
        return give(now);
    }

    bool give_secret(const std::string &prompt, bool twice)
    {
        const auto secret = isatty(STDIN_FILENO) != 0 ? from_terminal(prompt, twice) : input_.line();
        if (secret)
            return give(*secret);
        if (isatty(STDIN_FILENO) == 0)
            fail("there is no line on the standard input");
        return client_.send_line("end");
    }

    static std::optional<Secret> from_terminal(const std::string &prompt, bool twice)
    {
        std::fflush(stdout);
        auto secret = ask_without_echo(prompt);
        if (!secret || !twice)
            return secret;
        const auto again = ask_without_echo("Once more: ");
        if (again && again->view() == secret->view())
            return secret;
        if (again)
            fail("the two are not the same");
        return std::nullopt;
    }

    bool give(const Secret &bytes)
    {
        std::string encoded = base64_encode(bytes.view());
        std::string line;
        line.reserve(encoded.size() + sizeof "input ");
        line.append("input ").append(encoded);
        wipe(encoded);
        const bool sent = client_.send_line(line);
        wipe(line);
        return sent;
    }

    Client &client_;
    Input input_;
    Secret rest_; // of the input, read and not given
};

} // namespace

int run_component_command(const Options &options, const char *word)
{
    Client client;
    if (!client.ask(options.socket, std::string{word} + ' ' + host::joined_words(options.words)))
        return 1;
    Conversation conversation{client};
    while (const auto line = client.next_line()) {
        const Answer answer = parse(*line);
        if (!answer)
            return fail("the host's answer cannot be understood; are both of the same version?");
        JsonObject *root = json_node_get_object(answer.get());
        if (has(root, "error"))
            return fail(text(root, "error"));
        if (has(root, "exit")) {
            const auto status = static_cast<int>(number(root, "exit"));
            if (status == 2)
                std::fprintf(stderr, "see jabberd-ctl help %s\n", options.words.front().c_str());
            return std::fflush(stdout) == 0 ? status : 1;
        }
        if (!conversation.take(root))
            return 1;
    }
    return fail("the host has stopped, or has closed the connection; what the command was doing may not be done");
}

} // namespace jabberd::ctl
