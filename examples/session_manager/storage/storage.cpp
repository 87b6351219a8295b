// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session_manager/storage/storage.h"

#include "session_manager/storage/schema.h"

#include <utility>

namespace jabberd::session_manager {

namespace {

Database opened(const std::string &path)
{
    Database database{path};
    prepare_schema(database);
    return database;
}

} // namespace

Storage::Storage(const std::string &path) : Storage(opened(path))
{
}

Storage::Storage(Database ready) // the statements can be prepared only when the tables are there
    : database(std::move(ready))
    , accounts(database)
    , rosters(database)
    , blocklists(database)
    , offline(database)
    , documents(database)
    , reading(database)
{
}

} // namespace jabberd::session_manager
