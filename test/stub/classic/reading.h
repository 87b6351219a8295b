// SPDX-License-Identifier: LGPL-2.1-or-later
// Text as trees, by libxml2: a document at once, or a stream of elements in pieces.
#pragma once

#include "node.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct _xmlParserCtxt;

namespace stub {

// One parse. Each element that ends at `depth` is given away, in a pool of its own, as its reader's.
class Reader {
public:
    // With `fold`, 1.6 reads jabber:client, and no namespace at all, as jabber:server.
    Reader(int depth, bool fold, std::function<void(Node *)> on_element);
    ~Reader();
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;

    bool read(std::string_view bytes, bool last = false); // false: not XML

    // For the parser's callbacks.
    void start(Node *made_by(pool_struct *, Node *, void *), void *what);
    void end();
    void characters(std::string_view text);
    bool folds() const { return fold_; }

private:
    std::unique_ptr<_xmlParserCtxt, void (*)(_xmlParserCtxt *)> parser_;
    std::function<void(Node *)> on_element_;
    const int depth_;
    const bool fold_;
    int level_ = 0;
    Node *innermost_ = nullptr;
    bool failed_ = false;
};

// The root of one document, in a pool of that kind and owner; null: it is not XML.
Node *read_document(std::string_view text, bool fold);

} // namespace stub
