// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/text/table.h"

#include "host/text/printable.h"

#include <glib.h>

#include <algorithm>

namespace jabberd::host {

namespace {

std::size_t width(const std::string &cell)
{
    return static_cast<std::size_t>(g_utf8_strlen(cell.data(), static_cast<gssize>(cell.size())));
}

} // namespace

void Table::add(std::vector<std::string> cells)
{
    for (std::string &cell : cells) {
        std::string safe;
        append_printable(safe, cell);
        cell = std::move(safe);
    }
    rows_.push_back(std::move(cells));
}

std::string Table::text(std::string_view indent) const
{
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto &row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    std::string out;
    for (const auto &row : rows_) {
        out += indent;
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += row[i];
            if (i + 1 < row.size())
                out.append(widths[i] - width(row[i]) + 2, ' ');
        }
        out += '\n';
    }
    return out;
}

} // namespace jabberd::host
