#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Says which sources clang-format would write otherwise; changes nothing. Usage: format.sh CLANG_FORMAT REPOSITORY
cd "$2" && find include plugin examples test \( -name '*.h' -o -name '*.c' -o -name '*.cpp' \) -print0 | xargs -0 -n 100 -P 2 "$1" --dry-run -Werror
