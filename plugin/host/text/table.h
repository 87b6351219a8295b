// SPDX-License-Identifier: LGPL-2.1-or-later
// Rows of text in aligned columns, for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jabberd::host {

// Cells may hold anything; what does not print is written out. Columns are as wide as their widest cell.
class Table {
public:
    explicit Table(std::vector<std::string> titles) { add(std::move(titles)); }

    // As many cells as there are titles.
    void add(std::vector<std::string> cells);

    // One line a row, the titles first, each behind `indent`.
    std::string text(std::string_view indent = "") const;

private:
    std::vector<std::vector<std::string>> rows_;
};

} // namespace jabberd::host
