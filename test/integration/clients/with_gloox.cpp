// SPDX-License-Identifier: LGPL-2.1-or-later
// A client made with gloox: header of version 1.0, told to use iq:auth, takes digest when it is offered.
#include "shell.h"

#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>

namespace {

class Listener final : public gloox::ConnectionListener, public gloox::MessageHandler {
public:
    bool over = false;

private:
    void onConnect() override
    {
        ready_ = true;
        shell_say("ready", nullptr);
    }
    void onDisconnect(gloox::ConnectionError) override
    {
        over = true;
        shell_say(ready_ ? "closed" : "refused", nullptr);
    }
    bool onTLSConnect(const gloox::CertInfo &) override { return false; }
    void handleMessage(const gloox::Message &message, gloox::MessageSession *) override
    {
        shell_say(message.from().full().c_str(), message.body().c_str());
    }

    bool ready_ = false;
};

} // namespace

int main(int argc, char **argv)
{
    account account;
    if (!shell_arguments(argc, argv, &account))
        return 2;
    Listener listener;
    gloox::Client client{gloox::JID{account.jid}, account.password, account.port};
    client.setServer("127.0.0.1");
    client.setForceNonSasl(true);
    client.setTls(gloox::TLSDisabled);
    client.setCompression(false);
    client.registerConnectionListener(&listener);
    client.registerMessageHandler(&listener);
    if (!client.connect(false))
        return 1;

    const char *to = nullptr, *body = nullptr;
    while (!listener.over) {
        const order order = shell_next(&to, &body);
        if (order == ORDER_SEND)
            client.send(gloox::Message{gloox::Message::Chat, gloox::JID{to}, body});
        else if (order == ORDER_QUIT)
            client.disconnect();
        else
            client.recv(10000);
    }
    return 0;
}
