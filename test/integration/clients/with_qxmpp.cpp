// SPDX-License-Identifier: LGPL-2.1-or-later
// A client made with QXmpp: STARTTLS, and the strongest mechanism that it knows.
#include "shell.h"

#include <QCoreApplication>
#include <QFile>
#include <QSslCertificate>
#include <QTimer>
#include <qxmpp/QXmppClient.h>
#include <qxmpp/QXmppMessage.h>
#include <qxmpp/QXmppRegisterIq.h>
#include <qxmpp/QXmppRegistrationManager.h>

namespace {

// The fields that the server asks for, filled in: its form where it has one.
QXmppRegisterIq filled_in(const QXmppRegisterIq &asked, const account &account)
{
    QXmppRegisterIq answer;
    answer.setType(QXmppIq::Set);
    if (asked.form().isNull()) {
        answer.setUsername(account.user);
        answer.setPassword(account.password);
        return answer;
    }
    QXmppDataForm form = asked.form();
    form.setType(QXmppDataForm::Submit);
    for (QXmppDataForm::Field &field : form.fields()) {
        if (field.key() == "username")
            field.setValue(QString{account.user});
        if (field.key() == "password")
            field.setValue(QString{account.password});
    }
    answer.setForm(form);
    return answer;
}

// The connection ends when there is an account, and the login is one of its own.
void register_account(QXmppClient &client, const account &account, const QXmppConfiguration &configuration)
{
    auto *manager = new QXmppRegistrationManager;
    client.addExtension(manager); // owns it
    manager->setRegisterOnConnectEnabled(true);
    QObject::connect(manager, &QXmppRegistrationManager::registrationFormReceived, manager,
                     [manager, &account](const QXmppRegisterIq &asked) {
                         manager->setRegistrationFormToSend(filled_in(asked, account));
                         manager->sendCachedRegistrationForm();
                     });
    QObject::connect(
        manager, &QXmppRegistrationManager::registrationSucceeded, manager, [manager, &client, configuration] {
            manager->setRegisterOnConnectEnabled(false);
            QObject::connect(&client, &QXmppClient::disconnected, manager, [manager, &client, configuration] {
                QObject::disconnect(&client, &QXmppClient::disconnected, manager, nullptr);
                QTimer::singleShot(0, &client, [&client, configuration] { client.connectToServer(configuration); });
            });
            client.disconnectFromServer();
        });
    QObject::connect(manager, &QXmppRegistrationManager::registrationFailed, manager, [] {
        shell_say("refused", nullptr);
        QCoreApplication::quit();
    });
}

QXmppConfiguration configuration_of(const account &account)
{
    QXmppConfiguration configuration;
    configuration.setJid(account.jid);
    configuration.setPassword(account.password);
    configuration.setHost("localhost"); // what the certificate is compared with
    configuration.setPort(account.port);
    configuration.setAutoReconnectionEnabled(false);
    configuration.setStreamSecurityMode(QXmppConfiguration::TLSRequired);
    configuration.setCaCertificates(QSslCertificate::fromPath(account.ca_file));
    return configuration;
}

} // namespace

int main(int argc, char **argv)
{
    account account;
    if (!shell_arguments(argc, argv, &account) || account.tls != account::STARTTLS)
        return 2;
    QCoreApplication application{argc, argv};
    QXmppClient client;
    bool ready = false;
    QObject::connect(&client, &QXmppClient::connected, [&] {
        ready = true;
        shell_say("ready", nullptr);
    });
    QObject::connect(&client, &QXmppClient::messageReceived, [](const QXmppMessage &message) {
        if (!message.body().isEmpty())
            shell_say(message.from().toUtf8(), message.body().toUtf8());
    });
    QObject::connect(&client, &QXmppClient::error, [&](QXmppClient::Error) {
        shell_say(ready ? "closed" : "refused", nullptr);
        QCoreApplication::quit();
    });
    const QXmppConfiguration configuration = configuration_of(account);
    if (account.registers)
        register_account(client, account, configuration);
    client.connectToServer(configuration);

    // Qt brings its own main loop; standard input is looked at between its turns.
    QTimer turn;
    QObject::connect(&turn, &QTimer::timeout, [&] {
        const char *to = nullptr, *body = nullptr;
        const order order = shell_next(&to, &body);
        if (order == ORDER_SEND)
            client.sendPacket(QXmppMessage{QString{}, to, body});
        if (order == ORDER_QUIT) {
            client.disconnectFromServer();
            QCoreApplication::quit();
        }
    });
    turn.start(10);
    return QCoreApplication::exec();
}
