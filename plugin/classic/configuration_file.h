// SPDX-License-Identifier: LGPL-2.1-or-later
// The configuration of a classic host as its files have it now; the host itself keeps neither files nor lines.
#pragma once

#include "classic/command_line.h"
#include "host/config/mistakes.h"
#include "xml/document.h"

#include <deque>
#include <string>
#include <string_view>

namespace jabberd::classic {

// With <jabberd:include/> and <jabberd:cmdline/> done as 1.4 and 1.6 do them: what a file holds comes to the end of the
// element around the include, the file's root only where that has another name; paths are seen from where the host
// runs.
class ConfigurationFile {
public:
    // `command_line` is borrowed for the life of this.
    ConfigurationFile(const CommandLine &command_line, host::Mistakes &mistakes);

    bool is_read() const { return document_ != nullptr; }
    const std::string &path() const { return sources_.front().file; }

    // A child of the root, complete; other services are not looked into. With `id` if that is not "". Null: there is
    // none.
    xmlNode *child(std::string_view name, std::string_view id, host::Mistakes &mistakes);

    // Makes `copy` say that it stands where `original` does, an element of ours. Null: nowhere.
    static void stand_in(xmlNode &copy, const xmlNode *original);

    // Of an element of ours, or one that stands for such; any other is in `otherwise`.
    static const std::string &file_of(const xmlNode &element, const std::string &otherwise);

private:
    struct Source {
        std::string file;
        const Source *includer; // null: none
    };

    void follow_includes(xmlNode *parent, host::Mistakes &mistakes);
    void complete(xmlNode *parent, host::Mistakes &mistakes);
    void include(xmlNode *directive, host::Mistakes &mistakes);
    const Source &source_of(const xmlNode &element) const;

    const CommandLine &command_line_;
    std::deque<Source> sources_; // where the _private of an included element points
    xml::DocumentPtr document_;
};

} // namespace jabberd::classic
