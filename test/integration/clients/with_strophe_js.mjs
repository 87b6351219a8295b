// SPDX-License-Identifier: LGPL-2.1-or-later
// A client made with strophe.js, as converse.js is, over a WebSocket.
// Arguments, input and output as in shell.h; its modules are found below the directory in NODE_MODULES.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const modules = createRequire(pathToFileURL(process.env.NODE_MODULES + "/client.js"));
const { Strophe, $msg, $pres } = modules("strophe.js");

const [port, host, user, resource, password] = process.argv.slice(2);
const say = (...words) => console.log(words.join(" "));

const connection = new Strophe.Connection(`wss://${host}:${port}/xmpp-websocket`);
let ready = false;
const over = (code = 0) => {
  say(ready ? "closed" : "refused");
  process.exit(code);
};

const on_message = (message) => {
  const body = message.getElementsByTagName("body")[0];
  if (body) say(message.getAttribute("from"), body.textContent);
  return true; // the next one, too
};

connection.connect(`${user}@${host}/${resource}`, password, (status, reason) => {
  if (status === Strophe.Status.CONNECTED) {
    connection.addHandler(on_message, null, "message");
    connection.send($pres());
    ready = true;
    say("ready");
  } else if ([Strophe.Status.AUTHFAIL, Strophe.Status.CONNFAIL, Strophe.Status.DISCONNECTED].includes(status)) {
    if (reason) console.error(String(reason));
    over();
  }
});

const told = createInterface({ input: process.stdin });
told.on("line", (line) => {
  const space = line.indexOf(" ");
  connection.send($msg({ to: line.slice(0, space), type: "chat" }).c("body").t(line.slice(space + 1)));
});
told.on("close", () => connection.disconnect());
