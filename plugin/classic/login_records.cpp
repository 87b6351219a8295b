// SPDX-License-Identifier: LGPL-2.1-or-later
// The lines are those of the stock socket manager, for programs read them:
//
//   alice@foo.com login ok 192.0.2.7 home
//   alice@foo.com login fail 192.0.2.7 401 home
#include "classic/login_records.h"

#include "base/address.h"
#include "base/view.h"
#include "host/text/printable.h"

#include <glib.h>

#include <algorithm>
#include <utility>

namespace jabberd::classic {

namespace {

// Those of connections that were gone when the answer came, which the stock socket manager does not record at all, or
// of a socket manager that does not say in its log where its connections come from.
constexpr std::size_t max_waiting = 1000;

constexpr std::size_t max_text = 511; // of all versions

// What the C library of the stock socket manager made of what was not there.
constexpr std::string_view absent = "(null)";

// Nothing in it may begin another line, or look like the next word.
std::string one_word(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == ' ')
            out += "\\u{20}";
        else
            out += g_ascii_tolower(c); // as the session manager writes names
    }
    std::string printable;
    host::append_printable(printable, out);
    return printable;
}

std::string code_of(std::string_view error)
{
    const bool is_code =
        !error.empty() && error.size() <= 3 && std::ranges::all_of(error, [](char c) { return g_ascii_isdigit(c); });
    return std::string{is_code ? error : absent};
}

Record record_of(const dialect::LoginEnd &login)
{
    Record record{one_word(bare_address(login.address)), "login", login.accepted ? "ok" : "fail", ""};
    if (!login.accepted)
        record.text += code_of(login.error) + ' ';
    const std::string_view resource = split_address(login.address).resource;
    host::append_printable(record.text, resource.empty() ? absent : host::cut(resource, max_text));
    return record;
}

std::string_view value_of(std::span<const jabberd_log_field> fields, std::string_view name)
{
    const auto found = std::ranges::find(fields, name, &jabberd_log_field::name);
    return found == fields.end() ? std::string_view{} : text(found->value);
}

// "192.0.2.7:40210", "[2001:db8::7]:40210": without the port.
std::string_view host_of(std::string_view client)
{
    client = client.substr(0, client.rfind(':'));
    if (client.starts_with('[') && client.ends_with(']'))
        client = client.substr(1, client.size() - 2);
    return client;
}

} // namespace

void LoginRecords::add(const dialect::LoginEnd &login)
{
    Waiting waiting{std::string{login.connection}, record_of(login)};
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(waiting));
    if (waiting_.size() > max_waiting)
        waiting_.pop_front();
}

std::vector<Record> LoginRecords::complete(std::span<const jabberd_log_field> fields)
{
    const std::string_view connection = value_of(fields, "CONNECTION"), client = value_of(fields, "CLIENT");
    std::vector<Record> records;
    if (connection.empty() || client.empty())
        return records;
    {
        const std::lock_guard lock{mutex_};
        for (Waiting &waiting : waiting_) {
            if (waiting.connection == connection)
                records.push_back(std::move(waiting.record));
        }
        std::erase_if(waiting_, [&](const Waiting &waiting) { return waiting.connection == connection; });
    }
    for (Record &record : records)
        record.text = host::cut(std::string{host_of(client)} + ' ' + record.text, max_text);
    return records;
}

} // namespace jabberd::classic
