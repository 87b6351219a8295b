#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a manual page from a header of include/jabberd/: its comments as they stand, and what they are about beneath.
usage: header.py HEADER DATE"""
import pathlib
import re
import sys

from jabber_xml import escaped

HEAD = r'''.\" SPDX-License-Identifier: MIT
.\" Made by header.py from include/jabberd/{name}.
.Dd {date}
.Dt {title} 3
.Os
.Sh NAME
.Nm jabberd/{name}
.Nd {about}
.Sh SYNOPSIS
.In jabberd/{name}
.Sh DESCRIPTION'''
TAIL = r'''.Sh SEE ALSO
.Xr jabberd-component 7'''
COMMENT = re.compile(r'/\*(.*?)\*/', re.DOTALL)
# What a header has for the compiler alone.
FOR_COMPILER = re.compile(r'#ifndef JABBERD_\w+_H\n#define JABBERD_\w+_H\n|#include [^\n]*\n|#ifdef __cplusplus\n(?:extern "C" \{|\})\n#endif\n|#endif\s*\Z'
                          r'|/\* SPDX[^\n]*\n', re.DOTALL)


def words_of(comment):
    """The lines of a comment without what frames them."""
    return [re.sub(r'^ \* ?', '', line).rstrip() for line in comment.strip(' ').splitlines()]


def literal(lines):
    return ['.Bd -literal -offset 2n', *(escaped(line).replace("\t", "    ") for line in lines), '.Ed']


def text(lines):
    out = []
    for line in lines:
        out.append(escaped(line) if line else '.Pp')
    return out


def parts_of(source):
    """The comments at the beginning of a line, each whether it is drawn; and what stands between them."""
    at, is_drawn = 0, False
    for found in re.finditer(r'^/\*.*?\*/', source, re.DOTALL | re.MULTILINE):
        yield 'code', source[at:found.start()]
        comment = found[0][2:-2]
        at = found.end()
        if 'clang-format' in comment:
            is_drawn = comment.strip().endswith('off')
        else:
            yield 'drawn' if is_drawn else 'text', comment
    yield 'code', source[at:]


def page_of(header, date):
    source = header.read_text()
    while (shorter := FOR_COMPILER.sub('', source)) != source:
        source = shorter
    parts = [(kind, part) for kind, part in parts_of(source) if part.strip()]
    about = ' '.join(words_of(parts[0][1])).strip()
    first, _, rest = about.partition('. ')
    out = [HEAD.format(name=header.name, title='JABBERD_' + header.name.upper(), date=date, about=escaped(first.rstrip('.')))]
    if rest:
        out.append(escaped(rest))
    for kind, part in parts[1:]:
        if kind == 'code':
            out += literal(part.strip('\n').splitlines())
        elif kind == 'drawn':
            out += literal(words_of(part))
        else:
            out += ['.Pp', *text(words_of(part.strip()))]
    return '\n'.join(out + [TAIL])


if __name__ == '__main__':
    print(page_of(pathlib.Path(sys.argv[1]), sys.argv[2]))
