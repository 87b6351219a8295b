/* SPDX-License-Identifier: MIT */
/* The integration tests' component: greets hello when it starts and whenever it is reloaded, and has something to
 * inspect. Its commands are `greet`, which says its arguments, takes a secret and says what it reads, and one whose
 * name jabberd-ctl has as well. <greeter xmlns='test:greeter' wrong='…'> is a mistake; hang='yes' makes stop() wait for
 * a second signal. */
#include <jabberd/commands.h>
#include <jabberd/component.h>
#include <jabberd/inspect.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct jabberd_instance {
    const jabberd_host *host;
    bool hangs;
};

static jabberd_view view(const char *text)
{
    return (jabberd_view){text, strlen(text)};
}

static void say(struct jabberd_instance *self, const char *message)
{
    const jabberd_log_field field = {"TEXT", view("two words\x1b[2J")};
    const jabberd_log_record record = {sizeof record, JABBERD_LOG_NOTICE, view(message), &field, 1};
    self->host->log(self->host, &record);
}

static void greet(struct jabberd_instance *self)
{
    jabberd_packet packet = {.size = sizeof packet,
                             .name = view("message"),
                             .to = view("hello.localhost"),
                             .from = view("greeter"),
                             .body = view("<body>hi</body>")};
    self->host->deliver(self->host, &packet);
    packet.name = view("iq");
    packet.type = view("set");
    packet.sto = view("nobody.localhost");
    packet.sfrom = view("7@greeter/1");
    packet.body = view("<query xmlns='jabber:iq:auth'><username>alice</username><password>s3cret</password></query>");
    self->host->deliver(self->host, &packet);
}

static jabberd_result on_packet(void *data, const jabberd_packet *packet)
{
    say(data, packet->sto.data == NULL ? "hello answered" : "the session packet came back");
    return JABBERD_DONE;
}

static bool read_section(const jabberd_host *host, const jabberd_config *service, bool *hangs)
{
    const jabberd_config *section = jabberd_config_section(service, "test:greeter");
    if (section == NULL)
        return true;
    *hangs = jabberd_config_attribute_value(section, "hang") != NULL;
    if (jabberd_config_attribute_value(section, "wrong") == NULL)
        return true;
    host->report(host, section, JABBERD_LOG_ERROR, "wrong is wrong; leave it out");
    return false;
}

static jabberd_instance *create(const jabberd_host *host, const jabberd_config *service)
{
    bool hangs = false;
    if (!read_section(host, service, &hangs))
        return NULL;
    struct jabberd_instance *self = malloc(sizeof *self);
    self->host = host;
    self->hangs = hangs;
    host->register_handler(host, JABBERD_DELIVER, on_packet, self);
    return self;
}

static bool start(jabberd_instance *self)
{
    greet(self);
    return true;
}

static bool reload(jabberd_instance *self, const jabberd_config *service)
{
    greet(self);
    return read_section(self->host, service, &self->hangs);
}

static void stop(jabberd_instance *self, unsigned deadline_ms)
{
    (void)deadline_ms;
    say(self, "stopping");
    while (self->hangs)
        pause();
}

static void destroy(jabberd_instance *self)
{
    free(self);
}

static void status(jabberd_instance *self, jabberd_status_sink sink, void *data)
{
    (void)self;
    sink(data, view("listen"), view("127.0.0.1:5222"));
    sink(data, view("listen"), view("[::1]:5222"));
}

static void sessions(jabberd_instance *self, jabberd_session_sink sink, void *data)
{
    (void)self;
    const jabberd_session session = {.size = sizeof session,
                                     .connection = view("7@greeter/1"),
                                     .session = view("alice@foo.com/\x1b[2J"),
                                     .client_address = view("192.0.2.1:40210"),
                                     .authenticated = true};
    sink(data, &session);
}

static void list(jabberd_instance *self, jabberd_command_sink sink, void *data)
{
    (void)self;
    const jabberd_command greet = {sizeof greet, view("greet"), view("[NAME…]"), view("says hello"),
                                   view("  NAME  who\n")};
    const jabberd_command same = {sizeof same, view("status"), view(""), view("says nothing"), view("")};
    const jabberd_command wrong = {sizeof wrong, view("no name"), view(""), view(""), view("")};
    sink(data, &greet);
    sink(data, &same);
    sink(data, &wrong);
}

static jabberd_command_result run(jabberd_instance *self, const jabberd_command_call *call)
{
    (void)self;
    if (call->command.size != strlen("greet"))
        return JABBERD_COMMAND_MISUSED;
    for (size_t i = 0; i < call->argument_count; ++i) {
        call->output(call, view("hello "));
        call->output(call, call->arguments[i]);
        call->output(call, view("\n"));
    }
    char bytes[512];
    ptrdiff_t count = call->secret(call, view("Secret: "), false, bytes, sizeof bytes);
    if (count < 0)
        return JABBERD_COMMAND_FAILED;
    call->error(call, view("a secret\n"));
    while ((count = call->read(call, bytes, sizeof bytes)) > 0)
        call->output(call, (jabberd_view){bytes, (size_t)count});
    return count == 0 ? JABBERD_COMMAND_DONE : JABBERD_COMMAND_FAILED;
}

static void complete(jabberd_instance *self, const jabberd_command_call *call)
{
    (void)self;
    call->output(call, view("bob\ncarol\n"));
}

static void advise(jabberd_instance *self, jabberd_advice_sink sink, void *data)
{
    (void)self;
    sink(data, view("status NOW"), view("begin with this"));
}

static const void *get_extension(jabberd_instance *self, const char *id)
{
    (void)self;
    static const jabberd_commands commands = {sizeof commands, list, run, complete, advise};
    if (strcmp(id, JABBERD_COMMANDS) == 0)
        return &commands;
    static const jabberd_inspect inspect = {sizeof inspect, status, sessions};
    return strcmp(id, JABBERD_INSPECT) == 0 ? &inspect : NULL;
}

static const char *const namespaces[] = {"test:greeter", NULL};

JABBERD_COMPONENT("greeter", "1.0", JABBERD_SERIALIZED, namespaces, create, start, reload, stop, destroy, NULL,
                  get_extension);
