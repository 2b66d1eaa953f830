// cspell:ignore Häuschen
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRequest } from "../../../../viewer/alerts/formats.ts";
import type { Message } from "../../../../viewer/alerts/message.ts";
import type { Target } from "../../../../viewer/alerts/target.ts";

const START: Message = {
  id: "abc-1-start",
  event: "start",
  title: "Alarm: Häuschen",
  text: "Häuschen: cell 7 at 3.652 V, over-voltage protection stopped charging",
  severity: "alarm",
  at: 2_000,
  alert: { id: "abc-1", rule: "protection", meter: "Häuschen", since: 1_000 },
};
const WARNING: Message = { ...START, id: "abc-2-start", severity: "warning" };
const END: Message = { ...START, id: "abc-1-end", event: "end", title: "Ended: Häuschen" };
const TEXT = START.text;

const target = (type: Target["type"], url: string, token?: string): Target => ({
  name: "phone",
  type,
  url: new URL(url),
  severity: "warning",
  ...(token && { token }),
});

/** The fields of ntfy's "publish as JSON", which goes to the root of the server. */
const ntfy = (priority: number, tag: string, { id, title }: Message) => ({
  topic: "house-1",
  title,
  message: TEXT,
  priority,
  tags: [tag],
  sequence_id: id,
});

/** The fields of Gotify's `POST /message`. */
const gotify = (priority: number, { title }: Message) => ({
  title,
  message: TEXT,
  priority,
  extras: { "client::display": { contentType: "text/plain" } },
});

const PLAIN = { version: 1, ...START };

for (const [about, message, to, url, headers, body] of [
  [
    "ntfy, an alarm",
    START,
    target("ntfy", "https://ntfy.sh/house-1"),
    "https://ntfy.sh/",
    {},
    ntfy(5, "rotating_light", START),
  ],
  [
    "ntfy, a warning",
    WARNING,
    target("ntfy", "https://ntfy.sh/house-1"),
    "https://ntfy.sh/",
    {},
    ntfy(3, "warning", WARNING),
  ],
  [
    "ntfy, an end",
    END,
    target("ntfy", "https://ntfy.sh/house-1"),
    "https://ntfy.sh/",
    {},
    ntfy(2, "white_check_mark", END),
  ],
  [
    "ntfy below a path, with a token",
    START,
    target("ntfy", "http://pi:8080/push/house-1", "tk_1"),
    "http://pi:8080/push/",
    { authorization: "Bearer tk_1" },
    ntfy(5, "rotating_light", START),
  ],
  [
    "Gotify, an alarm",
    START,
    target("gotify", "https://g.example/", "A1"),
    "https://g.example/message",
    { "x-gotify-key": "A1" },
    gotify(8, START),
  ],
  [
    "Gotify, a warning",
    WARNING,
    target("gotify", "https://g.example/", "A1"),
    "https://g.example/message",
    { "x-gotify-key": "A1" },
    gotify(5, WARNING),
  ],
  [
    "Gotify below a path, an end",
    END,
    target("gotify", "https://g.example/g", "A1"),
    "https://g.example/g/message",
    { "x-gotify-key": "A1" },
    gotify(2, END),
  ],
  [
    "Home Assistant",
    START,
    target("home-assistant", "http://ha:8123/api/webhook/x"),
    "http://ha:8123/api/webhook/x",
    {},
    PLAIN,
  ],
  [
    "JSON, with a token",
    START,
    target("json", "http://[::1]:1/a?b=c", "t"),
    "http://[::1]:1/a?b=c",
    { authorization: "Bearer t" },
    PLAIN,
  ],
] as const) {
  test(about, () => {
    const request = formatRequest(message, to);
    assert.equal(request.url.href, url);
    assert.deepEqual(request.headers, { "content-type": "application/json", ...headers });
    assert.deepEqual(JSON.parse(request.body), body);
  });
}
