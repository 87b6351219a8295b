#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the manual page jabber.xml(5) from examples/jabber.xml, which shows every option with its default: an element at
the beginning of a line, its meaning behind it and in the lines that follow. That what is shown is what readers read is
tested (test/fuzz/configurations_test.cpp, test/house/options.py), so the page says nothing else.
usage: jabber_xml.py JABBER_XML DATE"""
import re
import sys

OPTION = re.compile(r'(<[^!?].*?>)(?:\s{2,}(.*))?$')  # up to the first '>' with two spaces behind it
TITLES = {'session_manager': 'The embedded session manager', 'socket_manager': 'The socket manager', 'link': 'Links to other hosts',
          'component_stream': 'Components and servers elsewhere', 'upstream': 'Another server behind'}

HEAD = r'''.\" SPDX-License-Identifier: LGPL-2.1-or-later
.\" Made by jabber_xml.py from examples/jabber.xml.
.Dd {date}
.Dt JABBER.XML 5
.Os
.Sh NAME
.Nm jabber.xml
.Nd configuration of a jabberd-style XMPP server
.Sh DESCRIPTION
.Xr jabberd-host 8
reads it at its start and when it is told to reload.
It is XML, in UTF-8.
Each
.Li <service>
loads one component, whose section is of that component's namespace; elements at the root are the host's own.
.Pp
What follows is the sample configuration, option by option: an element with its value there, or with its default where the
sample does not set it, and what it means.
A mistake is told with file and line at a start, by
.Nm jabberd-host Fl -check
and by a reload, and nothing is started then; what has no reader is a warning with what is near.
What of a reload waits for a restart is said by the reload.
'''

TAIL = r'''.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/jabberd/jabber.xml
The configuration of
.Pa jabberd-host.service .
.El
.Sh SEE ALSO
.Xr jabberd-ctl 1 ,
.Xr jabberd-host 8
'''


def escaped(text):
    text = text.replace('\\', r'\e').replace('-', r'\-').replace("'", r'\(aq').replace('`', r'\(ga')
    return r'\&' + text if text[:1] in ".'" else text


class Page:
    def __init__(self):
        self.lines = []
        self.open_lists = []    # of each element that is open: whether it has a list
        self.text = []          # what the last option means
        self.introduction = []  # of what comes next

    def flush(self):
        if self.text:
            self.lines.append(escaped(' '.join(self.text)))
        self.text = []

    def introduce(self):
        if self.introduction:
            self.lines += ['.Pp', escaped(' '.join(self.introduction))]
        self.introduction = []

    def heading(self, title):
        introduction, self.introduction = self.introduction, []
        self.end()
        self.lines.append(f'.Ss {title}')
        self.introduction = introduction
        self.introduce()

    def option(self, shown, meaning):
        self.flush()
        if not self.open_lists or not self.open_lists[-1]:
            self.lines.append('.Bl -tag -width Ds')
            self.open_lists = self.open_lists[:-1] + [True]
        self.lines.append(f'.It Li "{escaped(shown)}"')
        self.text = ([meaning] if meaning else []) + self.introduction
        self.introduction = []
        if len(re.findall(r'<[^/][^>]*[^/]>|<[^/]>', shown)) > len(re.findall('</', shown)):
            self.open_lists.append(False)

    def close(self):
        self.text += self.introduction  # of nothing
        self.introduction = []
        self.flush()
        if self.open_lists.pop():
            self.lines.append('.El')

    def end(self):
        self.flush()
        while self.open_lists:
            self.close()


def page_of(source):
    page = Page()
    lines = source.splitlines()
    column = 0  # of the last option
    for number, line in enumerate(lines):
        begins_comment = re.match(r'\s*<!--', line)
        line = re.sub(r'\s*-->', '', re.sub(r'<!-- ?', '', line))
        text = line.strip()
        if not text or text.startswith(('<?', 'What follows are the defaults')) or re.fullmatch('</(jabber|service|load)>', text):
            continue
        if text == '<jabber>':
            page.introduce()
        elif text.startswith('<service id='):
            component = next(found[1] for found in (re.search(r'<load><(\w+)>', later) for later in lines[number:]) if found)
            page.heading(TITLES[component])
        elif re.fullmatch(r'</[\w-]+>', text):
            page.close()
        elif found := OPTION.match(text):
            column = len(line) - len(line.lstrip())
            page.option(*found.groups())
        elif begins_comment or page.introduction or len(line) - len(line.lstrip()) <= column:
            page.introduction.append(text)
        else:
            page.text.append(text)
    page.end()
    return page.lines


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        lines = page_of(file.read())
    print(HEAD.format(date=sys.argv[2]) + '\n'.join(lines) + '\n' + TAIL, end='')


if __name__ == '__main__':
    main()
