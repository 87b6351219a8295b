// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/storage.h"

namespace jabberd::session_manager {

Documents::Documents(Database &database)
    : load_(database, "SELECT content FROM documents WHERE account=(SELECT id FROM accounts WHERE address=?1) AND "
                      "xmlns=?2 AND name=?3")
    , save_(database, "INSERT OR REPLACE INTO documents (account, xmlns, name, content) SELECT id, ?2, ?3, ?4 FROM "
                      "accounts WHERE address=?1")
    , count_(database, "SELECT count(*), coalesce(sum(length(CAST(content AS BLOB))), 0) FROM documents WHERE "
                       "account=(SELECT id FROM accounts WHERE address=?1) AND NOT (xmlns=?2 AND name=?3)")
    , load_all_(database, "SELECT xmlns, name, content FROM documents WHERE account=(SELECT id FROM accounts WHERE "
                          "address=?1) ORDER BY xmlns, name")
{
}

std::optional<std::string> Documents::load(std::string_view address, std::string_view xmlns, std::string_view name)
{
    Rows rows = load_.query(address, xmlns, name);
    return rows.next() ? std::optional<std::string>{rows.text(0)} : std::nullopt;
}

bool Documents::save(std::string_view address, std::string_view xmlns, std::string_view name, std::string_view content,
                     std::size_t max_documents, std::size_t max_bytes)
{
    const auto before = load(address, xmlns, name);
    if (!before || before->size() < content.size()) { // only what makes it more is refused
        Rows others = count_.query(address, xmlns, name);
        others.next();
        const auto documents = static_cast<std::size_t>(others.integer(0));
        const auto bytes = static_cast<std::size_t>(others.integer(1));
        if ((!before && documents >= max_documents) || bytes + content.size() > max_bytes)
            return false;
    }
    save_.run(address, xmlns, name, content);
    return true;
}

std::vector<Document> Documents::load_all(std::string_view address)
{
    std::vector<Document> found;
    Rows rows = load_all_.query(address);
    while (rows.next())
        found.push_back({std::string{rows.text(0)}, std::string{rows.text(1)}, std::string{rows.text(2)}});
    return found;
}

void Documents::restore(std::string_view address, const Document &document)
{
    save_.run(address, document.xmlns, document.name, document.content);
}

} // namespace jabberd::session_manager
