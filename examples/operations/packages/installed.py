#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The files that are installed, as ninja calls them: from what `meson introspect --targets` prints.
usage: installed.py BUILD_DIRECTORY"""
import json
import os
import sys

for target in json.load(sys.stdin):
    if target['installed']:
        print(*(os.path.relpath(file, sys.argv[1]) for file in target['filename']), sep='\n')
