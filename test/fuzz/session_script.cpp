// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/session_script.h"

#include "base/view.h"
#include "fuzz/session_words.h"
#include "support/packet_from_xml.h"
#include "xml/packet_text.h"

#include <algorithm>
#include <stdexcept>

namespace jabberd::fuzz {

namespace {

constexpr std::string_view hosts[] = {"foo.com", "bar.org", "FOO.com", "far.net", "", "foo.com/x"};

} // namespace

Line::Line(std::string_view text)
{
    const auto blank = text.find(' ');
    rest = blank == std::string_view::npos ? "" : text.substr(blank + 1);
    const std::string_view word = text.substr(0, blank);
    const auto at = [&](std::size_t i) { return i < word.size() ? word[i] : '.'; };
    const auto first = static_cast<unsigned char>(at(0)), second = static_cast<unsigned char>(at(1));
    seat = (first & 15) % (seats + 1);
    waits = (first & 16) != 0; // a digit; letters do not
    verb = verbs.find(at(1)) != std::string_view::npos ? at(1) : verbs[second % verbs.size()];
    sto = at(2);
    choices = word.substr(std::min<std::size_t>(word.size(), 3));
}

std::string chosen_sto(const Line &line, const std::string &connected_to, const std::vector<std::string> &sessions)
{
    if (line.sto >= '0' && line.sto <= '9')
        return std::string{hosts[static_cast<std::size_t>(line.sto - '0') % std::size(hosts)]};
    if (line.sto >= 'a' && line.sto <= 'z' && !sessions.empty())
        return sessions[static_cast<std::size_t>(line.sto - 'a') % sessions.size()];
    if (line.sto >= 'A' && line.sto <= 'Z') // an account, or a session of it that nobody has
        return std::string{accounts[static_cast<std::size_t>(line.sto) % 2]} + (line.sto > 'M' ? "/none" : "");
    return connected_to;
}

std::optional<Asked> asked_by(const Line &line, const std::string &connected_to,
                              const std::vector<std::string> &sessions)
{
    Asked asked;
    const std::string xml = words_of(line, connected_to, sessions, asked);
    try {
        asked.packet = test::packet_from_xml(xml);
    } catch (const std::invalid_argument &) {
        return std::nullopt;
    }
    // A password stands where passwords stand: anywhere else it is no secret.
    const auto holds_one = [](std::string_view bytes) { return bytes.find("pa55") != std::string_view::npos; };
    std::string seen;
    xml::append_packet(seen, asked.packet.packet());
    if (holds_one(line.rest) || (asked.secret.empty() && holds_one(seen)))
        return std::nullopt;
    return asked;
}

std::string some_script(Random &random)
{
    static constexpr std::string_view texts[] = {"",
                                                 "1",
                                                 "-1",
                                                 "200",
                                                 "x<y",
                                                 "<a xmlns='b'/>",
                                                 "\t",
                                                 "x, y",
                                                 "\xC3\xA9",
                                                 "<body>hi</body>",
                                                 "p=AAAA,c=biws",
                                                 "<message to='bob@foo.com'><body>hi</body></message>"};
    const auto random_choice = [&] {
        static constexpr std::string_view characters = "0123456789abcdef";
        return characters[random() % characters.size()];
    };
    std::string out;
    // Most scripts begin with logins; what follows would be refused otherwise.
    if (random() % 8 != 0)
        out += random() % 2 == 0 ? "0a.000\n1a.110\n0o. 1\n1o. 2\n" : "0l.000\n0b.0\n1L.1101\n1d.111\n0o. 1\n";
    for (auto i = 1 + random() % 16; i > 0; --i) {
        out += random() % 4 == 0 ? static_cast<char>('0' + random() % (seats + 1)) : "01"[random() % 2];
        if (random() % 4 == 0)
            out.back() = static_cast<char>('@' + (out.back() & 15));
        out += random() % 6 == 0 ? 'i' : verbs[random() % verbs.size()];
        out += random() % 6 == 0 ? "012ABNOabcd"[random() % 11] : '.';
        for (int n = 0; n < 4; ++n)
            out += random_choice();
        out += ' ' + std::string{random() % 2 == 0 ? "" : texts[random() % std::size(texts)]} + '\n';
    }
    return out;
}

} // namespace jabberd::fuzz
