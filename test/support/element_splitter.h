// SPDX-License-Identifier: LGPL-2.1-or-later
// Elements that follow each other on a socket, each as the bytes that it came in.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct XML_ParserStruct;

namespace jabberd::test {

class ElementSplitter {
public:
    using Take = std::function<void(const std::string &element)>;
    explicit ElementSplitter(Take take);

    // Calls `take` for each element that is complete. False: this is not XML, and nothing more will be read.
    bool read(std::string_view bytes);

private:
    static void on_start(void *self, const char *name, const char **attributes);
    static void on_end(void *self, const char *name);

    const std::unique_ptr<XML_ParserStruct, void (*)(XML_ParserStruct *)> parser_;
    const Take take_;
    std::string bytes_;       // from the beginning of the element that is being read
    long long offset_ = 0;    // of bytes_, in all that was read
    long long beginning_ = 0; // of the element
    unsigned depth_ = 0;
};

} // namespace jabberd::test
