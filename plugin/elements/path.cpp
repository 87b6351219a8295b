// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/path.h"

#include <cstdlib>
#include <filesystem>

namespace jabberd::elements {

namespace {

constexpr std::string_view credential = "credential:";

}

std::optional<std::string> path_in(const jabberd_config &at, std::string_view text, std::string &why)
{
    const std::filesystem::path folder = std::filesystem::path{at.file}.parent_path();
    if (!text.starts_with(credential))
        return text.empty() ? folder.string() : (folder / text).string(); // an absolute path stays what it is
    const std::string_view name = text.substr(credential.size());
    const char *credentials = std::getenv("CREDENTIALS_DIRECTORY");
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos) {
        why = "'" + std::string{text} +
              "' names no credential; it takes the name that LoadCredential= of the unit gives it: "
              "credential:foo.com.key";
        return std::nullopt;
    }
    if (credentials == nullptr || *credentials == '\0') {
        why =
            "there is no " + std::string{text} +
            ", for this process was given no credentials: they are there in a service whose unit has LoadCredential=" +
            std::string{name} + ":/path, and nowhere else (CREDENTIALS_DIRECTORY is not set)";
        return std::nullopt;
    }
    return (std::filesystem::path{credentials} / name).string();
}

} // namespace jabberd::elements
