import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Dealer, Router } from "zeromq";
import { type AggregatorLink, connectAggregator } from "../../../../agent/outbox/zeromq-client.ts";
import { systemClock } from "../../../../common/runtime/clock.ts";
import { createCondition } from "../../../../common/runtime/condition.ts";
import type { listenerFault } from "../../../../common/wire/authenticate-peers.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const uid = process.getuid?.() ?? 0;

async function listenAt(t: TestContext, endpoint: string): Promise<Router> {
  const router = new Router({ linger: 0 });
  t.after(() => router.close());
  await router.bind(endpoint);
  return router;
}

/** A link that records its events; `recheck` ends the pause after a refusal. */
function linkTo(t: TestContext, endpoint: string, fault: typeof listenerFault) {
  const refused: string[] = [];
  const changed = createCondition();
  let ups = 0;
  const pauses: Array<() => void> = [];
  const clock = { ...systemClock, sleep: () => new Promise<void>((resolve) => void pauses.push(resolve)) };
  const link: AggregatorLink = connectAggregator(
    endpoint,
    {
      up() {
        ups += 1;
        changed.notify();
      },
      down() {},
      message() {},
      refused(why) {
        refused.push(why);
        changed.notify();
      },
      unreachable() {},
    },
    { clock, uid, listenerFault: fault },
  );
  t.after(() => link.close());
  return {
    link,
    refused,
    recheck: () => pauses.shift()?.(),
    async ups(count: number) {
      while (ups < count) await changed.wait();
    },
    async refusals(count: number) {
      while (refused.length < count) await changed.wait();
    },
  };
}

test("nothing is sent to a listener that is not trusted, which is checked again", async (t) => {
  const endpoint = `ipc://${join(await temporaryFolder(t), "readings.sock")}`;
  const router = await listenAt(t, endpoint);
  let fault: string | undefined = "a stranger listens";
  const { link, refused, refusals, recheck, ups } = linkTo(t, endpoint, () => fault);
  const sent = link.send(Buffer.from("reading"));
  await refusals(1);
  recheck();
  await refusals(2);
  fault = undefined;
  recheck();
  await ups(1);
  await sent;
  const [, message] = await router.receive();
  assert.equal(String(message), "reading");
  assert.deepEqual(refused, ["a stranger listens", "a stranger listens"]);
});

test("the kernel names the user who listens, with every connection", async (t) => {
  const folder = await temporaryFolder(t);
  const endpoint = `ipc://${join(folder, "readings.sock")}`;
  const asked: string[] = [];
  const first = await listenAt(t, endpoint);
  const { ups } = linkTo(t, endpoint, (path, user, peer) => {
    assert.deepEqual([path, user], [join(folder, "readings.sock"), uid]);
    asked.push(peer);
    return undefined;
  });
  await ups(1);
  first.close();
  await listenAt(t, endpoint);
  await ups(2);
  const ours = new RegExp(`:${uid}:${process.getgid?.()}:${process.pid}$`);
  assert.deepEqual(
    asked.map((peer) => peer === "" || ours.test(peer)),
    [true, true, true],
  );
  assert.equal(asked[0], "", "before the first connection");
});

/** The beginning of a peer of ZMTP 3.0 with the mechanism NULL. */
const GREETING = Buffer.alloc(64);
GREETING.set([0xff], 0);
GREETING.set([0x7f, 3, 0], 9);
GREETING.write("NULL", 12);

// libzmq aborts the process when the judgement of a connection comes after that connection was replaced.
test("a stranger that hangs up while it is judged does not end the process", async (t) => {
  const path = join(await temporaryFolder(t), "readings.sock");
  const server = createServer((connection) => {
    connection.on("error", () => {});
    connection.once("data", () => connection.end(GREETING));
  });
  t.after(() => server.close());
  await once(server.listen(path), "listening");
  const { refusals, recheck } = linkTo(t, `ipc://${path}`, (_path, _uid, peer) =>
    peer === "" ? undefined : "a stranger",
  );
  for (let count = 1; count <= 5; count += 1) {
    await refusals(count);
    recheck();
  }
});

test("a send or receive that fails because its connection has just ended is made again", async (t) => {
  const endpoint = `ipc://${join(await temporaryFolder(t), "readings.sock")}`;
  const router = await listenAt(t, endpoint);
  const failOnce = (method: "send" | "receive") => {
    const { [method]: real } = Dealer.prototype as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const passing = Object.assign(new Error("Operation was not possible or timed out"), { code: "EAGAIN" });
    let calls = 0;
    t.mock.method(Dealer.prototype, method, function (this: Dealer, ...args: unknown[]) {
      calls += 1;
      return calls === 1 ? Promise.reject(passing) : real?.apply(this, args);
    });
  };
  failOnce("send");
  failOnce("receive");
  const received: string[] = [];
  const answered = createCondition();
  const events = {
    up() {},
    down() {},
    message(bytes: Uint8Array) {
      received.push(String(bytes));
      answered.notify();
    },
    refused() {},
    unreachable() {},
  };
  const link = connectAggregator(endpoint, events, { clock: systemClock, uid, listenerFault: () => undefined });
  t.after(() => link.close());
  await link.send(Buffer.from("reading"));
  const [route, message] = await router.receive();
  assert.equal(String(message), "reading");
  await router.send([route ?? "", "answer"]);
  while (received.length === 0) await answered.wait();
  assert.deepEqual(received, ["answer"]);
});
