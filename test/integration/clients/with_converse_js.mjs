// SPDX-License-Identifier: LGPL-2.1-or-later
// A person in a browser: chromium, and converse.js in a page of "localhost", over a WebSocket.
// Arguments, input and output as in shell.h; its modules are found below browser/ in the directory of NODE_MODULES, the browser is CHROMIUM.
// Pictures of the page are left in SCREENSHOTS: one at the end, and "/picture NAME" on standard input asks for another. It says "picture NAME" when that is there.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";

const modules = createRequire(pathToFileURL(process.env.NODE_MODULES + "/browser/client.js"));
const { launch } = await import(pathToFileURL(modules.resolve("puppeteer-core")));
const dist = join(process.env.NODE_MODULES, "browser", "node_modules", "converse.js", "dist");

const [port, host, user, resource, password] = process.argv.slice(2);
const say = (...words) => console.log(words.join(" "));

// What the page is. It tells us what happens by say_to_test().
const page_text = (settings) => `<!DOCTYPE html>
<html><head><meta charset="utf-8"><link rel="stylesheet" href="/dist/converse.min.css"></head>
<body class="converse-fullscreen"><div id="conversejs-bg"></div>
<script type="module">
  import "/dist/converse.min.js";
  const { converse } = window;
  let api;
  converse.plugins.add("test", {
    initialize() {
      api = this._converse.api;
      api.listen.on("connected", () => window.say_to_test("ready"));
      api.listen.on("disconnected", () => window.say_to_test("over"));
      api.listen.on("message", ({ attrs }) => {
        if (attrs.body && !attrs.is_carbon && attrs.sender !== "me") window.say_to_test(attrs.from + " " + attrs.body);
      });
    },
  });
  window.send_message = async (to, body) => (await api.chats.open(to, {}, true)).sendMessage({ body });
  converse.initialize(${JSON.stringify(settings)});
</script></body></html>`;

const types = { ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm" };
const settings = {
  authentication: "login",
  auto_login: true,
  auto_reconnect: false,
  jid: `${user}@${host}/${resource}`,
  password,
  websocket_url: `wss://${host}:${port}/xmpp-websocket`,
  discover_connection_methods: false,
  allow_non_roster_messaging: true,
  view_mode: "fullscreen",
  whitelisted_plugins: ["test"],
  assets_path: "/dist",
  loglevel: "warn",
};
const server = createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://localhost").pathname);
  try {
    const content = path === "/" ? page_text(settings) : await readFile(join(dist, path.replace(/^\/dist/, "")));
    response.writeHead(200, { "Content-Type": path === "/" ? "text/html" : (types[extname(path)] ?? "application/octet-stream") });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));

// Its certificate signs itself, which a person would have to accept in a tab of its own.
const browser = await launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--ignore-certificate-errors"],
  defaultViewport: { width: 1000, height: 640 },
});
let ready = false;
let ending = false;
const page = await browser.newPage();
const pictures = process.env.SCREENSHOTS;
const picture = (of) => pictures && page.screenshot({ path: join(pictures, `converse_js-${of}.png`) });
// The browser has ended before that is said: who hears it may end us.
const over = async () => {
  if (ending) return;
  ending = true;
  await picture(ready ? "end" : "refused");
  await browser.close();
  say(ready ? "closed" : "refused");
  process.exit(0);
};
page.on("console", (message) => ["error", "warn"].includes(message.type()) && console.error(message.text()));
page.on("pageerror", (error) => console.error(String(error)));
await page.exposeFunction("say_to_test", (words) => {
  if (words === "over") return void over();
  if (words === "ready") ready = true;
  say(words);
});
await page.goto(`http://localhost:${server.address().port}/`);

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const space = line.indexOf(" ");
    if (line.startsWith("/picture ")) {
      const name = line.slice(space + 1);
      return void Promise.resolve(picture(name)).then(() => say("picture", name));
    }
    page
      .evaluate((to, body) => window.send_message(to, body), line.slice(0, space), line.slice(space + 1))
      .catch((error) => ending || console.error(String(error)));
  })
  .on("close", over);
