// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host/config/log_settings.h"

#include "base/regular_file.h"
#include "host/log/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace jabberd::host {

namespace {

constexpr mode_t log_mode = 0640; // its group may read: adm, or that of a program that collects logs

void refuse_log_file(const LogFile &log, const std::string &why, Mistakes &mistakes)
{
    mistakes.add({JABBERD_LOG_ERROR, log.file, log.line, "the log file " + log.path + " cannot be opened: " + why});
}

// Whether a file that is not there could be made.
bool may_make(const std::string &path, std::string &why)
{
    const std::filesystem::path directory = std::filesystem::path{path}.parent_path();
    if (access(directory.empty() ? "." : directory.c_str(), W_OK | X_OK) == 0)
        return true;
    why = std::strerror(errno);
    return false;
}

} // namespace

void apply_log(const Settings &settings, Mistakes &mistakes)
{
    log::set_format(settings.log_format);
    log::set_privacy(settings.privacy);
    if (!settings.log_file)
        return log::use_no_file();
    if (std::string why; !reopen_log(*settings.log_file, why))
        refuse_log_file(*settings.log_file, why, mistakes);
}

void check_log(const Settings &settings, Mistakes &mistakes)
{
    if (!settings.log_file)
        return;
    std::string why;
    const std::string &path = settings.log_file->path;
    const bool is_there = access(path.c_str(), F_OK) == 0;
    if (is_there ? !open_regular_file(path, O_WRONLY | O_APPEND, why) : !may_make(path, why))
        refuse_log_file(*settings.log_file, why, mistakes);
}

bool reopen_log(const LogFile &log, std::string &why)
{
    const UniqueFd file = open_regular_file(log.path, O_WRONLY | O_APPEND | O_CREAT, why, log_mode);
    if (file)
        log::use_file(file.get());
    return static_cast<bool>(file);
}

} // namespace jabberd::host
