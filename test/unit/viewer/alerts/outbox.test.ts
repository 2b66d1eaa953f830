import assert from "node:assert/strict";
import { test } from "node:test";
import { type Log, silentLog } from "../../../../common/runtime/log.ts";
import type { PostRequest } from "../../../../viewer/alerts/formats.ts";
import type { PostResult } from "../../../../viewer/alerts/http-post.ts";
import type { Message } from "../../../../viewer/alerts/message.ts";
import { createOutbox, type Queue } from "../../../../viewer/alerts/outbox.ts";
import type { Target } from "../../../../viewer/alerts/target.ts";

const SENT: PostResult = { result: "sent", answer: "200 OK" };
const AWAY: PostResult = { result: "failed", answer: "there is no network" };
const HOUR = 3_600_000;

const phone: Target = { name: "phone", type: "json", url: new URL("http://phone/"), severity: "warning" };
const pager: Target = { name: "pager", type: "json", url: new URL("http://pager/"), severity: "alarm" };

const message = (id: number, at = 0, severity: Message["severity"] = "warning"): Message => ({
  id: `m${id}`,
  event: "start",
  title: "Warning: house",
  text: `house: number ${id}`,
  severity,
  at,
});

function setUp(targets: readonly Target[], saved: readonly Queue[] = []) {
  const sent: string[] = [];
  const lines: string[] = [];
  const outcomes: Record<string, PostResult> = {};
  let saves = 0;
  const post = async ({ url, body }: PostRequest) => {
    const outcome = outcomes[url.hostname] ?? SENT;
    const { id, event, text } = JSON.parse(body) as Message;
    if (outcome.result === "sent") sent.push(`${url.hostname} ${event === "dropped" ? text : id}`);
    return outcome;
  };
  const keep = (line: string) => void lines.push(line);
  const log: Log = { ...silentLog, error: keep, warn: keep, info: keep };
  const save = () => {
    saves += 1;
  };
  const deps = { post, log, random: () => 0.999_999, save };
  const outbox = createOutbox(targets, saved, deps);
  const tick = async (at: number) => {
    outbox.tick(at, at);
    await outbox.settled();
  };
  return { sent, lines, outcomes, outbox, tick, saves: () => saves };
}

test("messages keep their order, and each is removed from the disk once it is sent", async () => {
  const { sent, outbox, tick, saves } = setUp([phone]);
  for (const id of [1, 2, 3]) outbox.add(message(id));
  await tick(0);
  assert.deepEqual(sent, ["phone m1", "phone m2", "phone m3"]);
  assert.equal(saves(), 3);
  assert.deepEqual(outbox.queues(), [{ target: "phone", waiting: [] }]);
});

test("a target that is away holds up no other one, and a target for alarms gets no warning", async () => {
  const { sent, outcomes, outbox, tick } = setUp([phone, pager]);
  outcomes.phone = AWAY;
  outbox.add(message(1));
  outbox.add(message(2, 0, "alarm"));
  await tick(0);
  assert.deepEqual(sent, ["pager m2"]);
  delete outcomes.phone;
  await tick(20_000);
  assert.deepEqual(sent, ["pager m2", "phone m1", "phone m2"]);
});

test("attempts become rarer, up to ten minutes, and are logged once", async () => {
  const { lines, outcomes, outbox, tick, sent } = setUp([phone]);
  const attempts: number[] = [];
  outcomes.phone = AWAY;
  const failed = {
    ...AWAY,
    get answer() {
      attempts.push(at);
      return "there is no network";
    },
  } as PostResult;
  outcomes.phone = failed;
  let at = 0;
  outbox.add(message(1));
  for (; at < HOUR; at += 1_000) await tick(at);
  const gaps = attempts.slice(1).map((each, i) => (each - (attempts[i] ?? 0)) / 1_000);
  assert.equal(gaps.at(-1), 600);
  assert.deepEqual(lines, ["phone: there is no network; messages are kept and tried again"]);
  delete outcomes.phone;
  await tick(2 * HOUR);
  assert.deepEqual(sent, ["phone m1"]);
  assert.equal(lines.at(-1), "phone takes messages again");
});

test("a receiver is given the time that it asks for, an hour at most", async () => {
  const { sent, outcomes, outbox, tick } = setUp([phone]);
  outcomes.phone = { result: "failed", answer: "429 Too Many Requests", retryAfterMs: 120_000 };
  outbox.add(message(1));
  await tick(0);
  outcomes.phone = SENT;
  await tick(119_000);
  assert.deepEqual(sent, []);
  await tick(120_000);
  assert.deepEqual(sent, ["phone m1"]);

  outcomes.phone = { result: "failed", answer: "503 Service Unavailable", retryAfterMs: 100 * HOUR };
  outbox.add(message(2));
  await tick(HOUR);
  outcomes.phone = SENT;
  await tick(2 * HOUR);
  assert.deepEqual(sent, ["phone m1", "phone m2"]);
});

test("a message that is refused is logged in words, and the next one is sent", async () => {
  const { sent, lines, outcomes, outbox, tick } = setUp([phone]);
  outcomes.phone = { result: "refused", answer: "403 Forbidden: check the token and its rights" };
  outbox.add(message(1));
  await tick(0);
  assert.deepEqual(lines, [
    'phone refuses the message "house: number 1": 403 Forbidden: check the token and its rights',
  ]);
  outcomes.phone = SENT;
  outbox.add(message(2));
  await tick(2_000);
  assert.deepEqual(sent, ["phone m2"]);
});

test("of more than 100 messages the oldest are dropped, and one message reports them", async () => {
  const { sent, outcomes, outbox, tick } = setUp([phone]);
  outcomes.phone = AWAY;
  for (let id = 1; id <= 130; id += 1) outbox.add(message(id, id * 60_000));
  outcomes.phone = SENT;
  await tick(131 * 60_000);
  assert.equal(
    sent[0],
    "phone 30 older messages could not be sent while this target was away and are dropped: from 2 h to 101 min ago. The log of bms-viewer has them.",
  );
  assert.deepEqual(
    sent.slice(1),
    Array.from({ length: 100 }, (_, i) => `phone m${31 + i}`),
  );
});

test("a message is dropped when it is two days old", async () => {
  const { sent, outcomes, outbox, tick } = setUp([phone]);
  outcomes.phone = AWAY;
  outbox.add(message(1));
  outbox.add(message(2, 24 * HOUR));
  await tick(24 * HOUR);
  outcomes.phone = SENT;
  await tick(49 * HOUR);
  assert.match(sent[0] ?? "", /^phone 1 older message could not be sent while this target was away and is dropped/);
  assert.deepEqual(sent.slice(1), ["phone m2"]);
});

test("what waits survives a restart; what waits for a target that is gone is dropped with a line in the log", async () => {
  const before = setUp([phone, pager]);
  before.outcomes.phone = AWAY;
  before.outcomes.pager = AWAY;
  before.outbox.add(message(1, 0, "alarm"));
  const after = setUp([phone], JSON.parse(JSON.stringify(before.outbox.queues())) as Queue[]);
  await after.tick(0);
  assert.deepEqual(after.sent, ["phone m1"]);
  assert.deepEqual(after.lines, ["1 message dropped: the target pager is no longer in the file"]);
});
