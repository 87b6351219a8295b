// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/generator.h"

#include <array>
#include <string_view>

namespace jabberd::fuzz {

namespace {

using namespace std::string_view_literals;

template <std::size_t size>
std::string one_of(const std::array<std::string_view, size> &all, Random &random)
{
    return std::string{all[random() % size]};
}

constexpr std::array stanza_names{"message"sv, "presence"sv, "iq"sv,        "iq"sv,
                                  "xdb"sv,     "c:iq"sv,     "x:message"sv, "auth"sv};
constexpr std::array names{"body"sv,     "query"sv, "digest"sv, "error"sv,   "x"sv,
                           "username"sv, "x:a"sv,   "c:b"sv,    "y:query"sv, "\xC3\xA9t\xC3\xA9"sv};
constexpr std::array attribute_names{"to"sv,  "from"sv,     "id"sv,   "type"sv,  "sto"sv,     "sfrom"sv, "code"sv,
                                     "sid"sv, "xml:lang"sv, "x:to"sv, "x:sto"sv, "y:sfrom"sv, "c:id"sv,  "foo"sv};
constexpr std::array namespaces{"jabber:client"sv,    "jabber:iq:auth"sv, "jabber:iq:register"sv,
                                "jabber:iq:roster"sv, "urn:x"sv,          ""sv,
                                "urn:&amp;'&lt;"sv};
constexpr std::array texts{"hi"sv,
                           "510"sv,
                           "get"sv,
                           "set"sv,
                           "a b"sv,
                           "&lt;&amp;&gt;&apos;&quot;"sv,
                           "&#10;&#x9;&#13;"sv,
                           "\xE2\x82\xAC"sv,
                           "\n\t "sv,
                           "&#x1F600;"sv,
                           "&#000065;&#x0000000000000041;"sv,
                           "]]"sv,
                           "]"sv,
                           "7@c2s/1"sv,
                           "/>"sv,
                           ""sv};
constexpr std::array hazards{"<!-- x -->"sv,
                             "<?x y?>"sv,
                             "<!DOCTYPE a [<!ENTITY b 'c'>]>"sv,
                             "&b;"sv,
                             "\0"sv,
                             "\xC0\xBC"sv,
                             "\xE0\x80\xBC"sv,
                             "\xED\xA0\x80"sv,
                             "\xFF"sv,
                             "</stream:stream>"sv,
                             "<stream:stream>"sv,
                             "<stream:error/>"sv,
                             "<![CDATA["sv,
                             "]]>"sv,
                             "<![CDATA[ ]]>"sv,
                             "<?xml version='1.0'?>"sv,
                             "&#32;"sv,
                             "&"sv,
                             "<"sv,
                             ">"sv,
                             "'"sv,
                             "\""sv,
                             "</"sv,
                             "/>"sv,
                             " xmlns='urn:y'"sv,
                             " xmlns:x='urn:z'"sv,
                             " sto='a'"sv,
                             "<error code='510'/>"sv,
                             "\r\n"sv,
                             "\xEF\xBF\xBF"sv,
                             "\x01"sv,
                             "</message>"sv,
                             "</iq>"sv,
                             "&amp"sv,
                             "&am;"sv,
                             "&ltx;"sv,
                             "&AT;"sv,
                             "&#"sv,
                             "&#x"sv,
                             "&#0;"sv,
                             "&#X41;"sv,
                             "&#xD800;"sv,
                             "&#x110000;"sv,
                             "&#99999999999;"sv,
                             "&#00000000065;"sv,
                             "<!"sv,
                             "<!--"sv,
                             "<!-- -- -->"sv,
                             "<![CDATX["sv,
                             "<!X"sv,
                             "<?"sv,
                             "<1"sv,
                             "< a"sv,
                             "</1"sv,
                             "</a b"sv,
                             "</ a>"sv,
                             "<a:b:c/>"sv,
                             "<:a/>"sv,
                             "<a:/>"sv,
                             "<a b>"sv,
                             "<a b=c>"sv,
                             "<a b='<'/>"sv,
                             "<a b='1'c='2'/>"sv,
                             "<a b='1' b='2'/>"sv,
                             "<a / >"sv,
                             "<a\xC3\x97/>"sv,
                             "<\xE0\xA4\x85\xE0\xA4\x82/>"sv,
                             "<\xCC\x80/>"sv,
                             "\xEF\xBF\xBE"sv,
                             "\xC2\x80"sv,
                             "\xEB"sv};

constexpr std::array spaces{" "sv, "\n"sv, "\r\n "sv, "\t"sv};
constexpr std::array encodings{"UTF-8"sv, "utf-8"sv, "Utf-8"sv, "UTF-8"sv, "UTF-16"sv, "UTF8"sv, "ISO-8859-1"sv, ""sv};

std::string attributes(Random &random)
{
    std::string out;
    for (auto i = random() % 4; i > 0; --i) {
        const char quote = random() % 2 == 0 ? '\'' : '"';
        std::string value = one_of(texts, random) + one_of(texts, random);
        out.append(1 + random() % 2, ' ')
            .append(one_of(attribute_names, random))
            .append(random() % 5 == 0 ? " = " : "=")
            .append(1, quote)
            .append(value)
            .append(1, quote);
    }
    if (random() % 3 == 0)
        out.append(" xmlns=\"").append(one_of(namespaces, random)).append("\"");
    if (random() % 6 == 0)
        out.append(random() % 2 == 0 ? " xmlns:x=\"" : " xmlns:y=\"")
            .append("urn:")
            .append(one_of(namespaces, random))
            .append("\"");
    return out;
}

std::string element(Random &random, const std::string &name, unsigned depth)
{
    std::string out = "<" + name + attributes(random);
    if (random() % 4 == 0)
        return out + (random() % 2 == 0 ? "/>" : " />");
    out += ">";
    for (auto i = random() % 4; i > 0; --i) {
        switch (random() % 5) {
        case 0: out += one_of(texts, random); break;
        case 1: out += "<![CDATA[" + one_of(texts, random) + "]]>"; break;
        case 2: out += std::string(random() % 2 == 0 ? 10 : 400, 'z') + one_of(texts, random); break;
        default:
            if (depth < 5)
                out += element(random, one_of(names, random), depth + 1);
        }
    }
    return out + "</" + name + (random() % 5 == 0 ? " >" : ">");
}

} // namespace

std::string some_declaration(Random &random)
{
    const auto item = [&](std::string_view name, std::string_view value) {
        const char quote = random() % 2 == 0 ? '\'' : '"';
        return one_of(spaces, random) + std::string{name} + (random() % 4 == 0 ? " = " : "=") + quote +
               std::string{value} + quote;
    };
    if (random() % 6 == 0)
        return "";
    std::string out = random() % 20 == 0 ? "\xEF\xBB\xBF<?xml" : "<?xml";
    out += item("version", random() % 50 == 0 ? "1.1" : "1.0");
    if (random() % 2 == 0)
        out += item("encoding", one_of(encodings, random));
    if (random() % 4 == 0)
        out += item("standalone", random() % 2 == 0 ? "yes" : "no");
    if (random() % 4 == 0)
        out += one_of(spaces, random);
    return out + "?>";
}

std::string some_stanzas(Random &random)
{
    std::string out;
    for (auto i = 1 + random() % 3; i > 0; --i) {
        out += random() % 4 == 0
                   ? "<iq type='" + std::string{random() % 2 == 0 ? "get" : "set"} + "' " + attributes(random) +
                         "><query xmlns='jabber:iq:auth'>" + some_children(random) + "</query></iq>"
                   : element(random, one_of(stanza_names, random), 1);
        out.append(random() % 3, ' ');
    }
    return out;
}

std::string some_children(Random &random)
{
    std::string out;
    for (auto i = random() % 3; i > 0; --i)
        out += element(random, one_of(names, random), 2);
    return out;
}

std::string some_name(Random &random)
{
    return random() % 3 == 0 ? one_of(attribute_names, random) : one_of(stanza_names, random);
}

std::string some_plain_text(Random &random)
{
    return one_of(hazards, random) + one_of(texts, random);
}

std::string broken(std::string text, Random &random)
{
    for (auto i = 1 + random() % 2; i > 0 && !text.empty(); --i) {
        const std::size_t at = random() % text.size();
        switch (random() % 5) {
        case 0: text.insert(at, text.substr(random() % text.size(), random() % 30)); break;
        case 1: text.erase(at, 1 + random() % 5); break;
        case 2: text[at] = static_cast<char>(random()); break;
        default: text.insert(at, one_of(hazards, random));
        }
    }
    return text;
}

} // namespace jabberd::fuzz
