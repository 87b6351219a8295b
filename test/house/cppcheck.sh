#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Has cppcheck read what is installed and what is shown. What it is wrong about stands in cppcheck.txt, each with why.
# Usage: cppcheck.sh CPPCHECK REPOSITORY
set -eu
cd "$2"
"$1" --quiet -j "$(nproc)" --std=c++20 --enable=warning,performance,portability --error-exitcode=1 --suppressions-list=test/house/cppcheck.txt \
    --suppress=missingIncludeSystem --template='{file}:{line}: {id}: {message}' -I include -I plugin -I examples plugin examples
echo "nothing found"
