// SPDX-License-Identifier: LGPL-2.1-or-later
// accounts import
#include "session_manager/portable/file_reader.h"

#include "session_manager/commands/actions.h"
#include "session_manager/commands/addresses.h"
#include "session_manager/commands/waiting.h"
#include "session_manager/presence/account_end.h"

namespace jabberd::session_manager::commands {

namespace {

class Importer {
public:
    Importer(Core &core, Console &console) : core_(core), console_(console) {}

    jabberd_command_result run()
    {
        portable::FileReader reader{[this](const xmlNode *user, std::string_view host) { take(user, host); },
                                    [this](long line, const std::string &what) { remark(line, what); }};
        bool is_right = true;
        while (is_right && !console_.is_over()) {
            const std::string_view bytes = console_.read();
            if (bytes.empty())
                break;
            is_right = reader.take(bytes);
        }
        is_right = is_right && !console_.is_over() && reader.finish();
        console_.say(std::to_string(imported_) + (imported_ == 1 ? " account is" : " accounts are") + " imported, " +
                     std::to_string(refused_) + (refused_ == 1 ? " is not\n" : " are not\n"));
        return is_right && refused_ == 0 ? done : failed;
    }

private:
    void remark(long line, const std::string &what) { console_.complain("line " + std::to_string(line) + ": " + what); }

    void refuse(const xmlNode *user, const std::string &why)
    {
        ++refused_;
        remark(xmlGetLineNo(user), why);
    }

    void take(const xmlNode *user, std::string_view given_host)
    {
        if (console_.is_over())
            return;
        const auto host = own_host(core_, given_host);
        if (!host)
            return refuse(user, "accounts of '" + std::string{given_host} + "' are not kept here, not imported");
        const auto options = core_.settings.current();
        const auto account = portable::read_user(user, *host, {options->iterations, options->digest},
                                                 [this](long line, const std::string &what) { remark(line, what); });
        if (!account) {
            ++refused_;
            return;
        }
        if (!store(*account))
            return refuse(user, "there is an account " + account->address() + " already, not imported");
        ++imported_;
        account_was_made(core_, account->address());
        core_.log.info("an account was imported by the operator", {{"USER", account->address()}});
    }

    bool store(const PortableAccount &account)
    {
        return wait_for_storage(core_, to_change(account.address()),
                                [&account](Storage &storage) { return put_account(storage, account); });
    }

    Core &core_;
    Console &console_;
    std::size_t imported_ = 0, refused_ = 0;
};

} // namespace

jabberd_command_result import_accounts(Core &core, Console &console, Arguments arguments)
{
    if (!arguments.empty()) {
        console.complain("accounts import reads its standard input: jabberd-ctl accounts import < FILE");
        return misused;
    }
    return Importer{core, console}.run();
}

} // namespace jabberd::session_manager::commands
