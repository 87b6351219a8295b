// SPDX-License-Identifier: LGPL-2.1-or-later
// A file of XEP-0227 as it comes: one <user/> at a time, whatever the length of the whole.
#pragma once

#include "session_manager/portable/user_reader.h"

#include <libxml/parser.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace jabberd::session_manager::portable {

// Nothing is fetched and no entity is declared: a DOCTYPE is refused. What a file includes (XInclude) is not read.
class FileReader {
public:
    // `on_user` is called with each <user/>, and the host it is in, as it was given. Borrowed for the call.
    using OnUser = std::function<void(const xmlNode *user, std::string_view host)>;
    FileReader(OnUser on_user, Remark remark);
    ~FileReader();
    FileReader(const FileReader &) = delete;
    FileReader &operator=(const FileReader &) = delete;

    // False after a remark: it is no such file, and nothing more is read. Lets through what `on_user` throws.
    bool take(std::string_view bytes);
    bool finish(); // no byte comes any more

private:
    struct Closer {
        void operator()(xmlParserCtxt *context) const;
    };

    static void start_document(void *data);
    static void refuse_doctype(void *data, const xmlChar *, const xmlChar *, const xmlChar *);
    static void start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *xmlns,
                              int namespace_count, const xmlChar **namespaces, int attribute_count, int defaulted,
                              const xmlChar **attributes);
    static void end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *xmlns);
    bool parse(std::string_view bytes, bool is_last);
    void stop(const std::string &why);
    void ended();

    const OnUser on_user_;
    const Remark remark_;
    std::string begin_;    // what tells the encoding
    bool stopped_ = false; // and the reason was told
    std::exception_ptr problem_;
    std::unique_ptr<xmlParserCtxt, Closer> context_;
};

} // namespace jabberd::session_manager::portable
