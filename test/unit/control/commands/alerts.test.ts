// cspell:ignore tset
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import type { CommandDeps } from "../../../../common/cli/command.ts";
import { silentLog } from "../../../../common/runtime/log.ts";
import { UsageError } from "../../../../common/runtime/usage-error.ts";
import { alerts } from "../../../../control/commands/alerts.ts";
import { createTestHouse, handClock } from "../../../support/alerts.ts";
import { startHttpReceiver } from "../../../support/http-receiver.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

interface Request {
  readonly toml: string;
  readonly state?: string;
  readonly argument?: string;
  readonly json?: boolean;
}

async function runAlerts(t: TestContext, { toml, state, argument = "", json = false }: Request) {
  const folder = await temporaryFolder(t);
  const file = join(folder, "alerts.toml");
  await writeFile(file, toml);
  const printed: string[] = [];
  const logged: string[] = [];
  const clock = handClock();
  clock.advance(3_600_000);
  const deps: CommandDeps = {
    env: {},
    uid: 1000,
    clock,
    random: () => 0,
    stop: new AbortController().signal,
    onStatusRequest() {},
    onFatal() {},
    stdout: new PassThrough(),
    print: (text) => void printed.push(text),
    terminal: () => undefined,
    progress() {},
    createLog: () => ({ ...silentLog, warn: (line) => void logged.push(line) }),
  };
  const values = { file, state: state ?? folder, json };
  const status = await alerts.invoke({ values, env: {}, argument, more: [] }).run(deps);
  return { status, output: printed.join(""), logged, folder, file };
}

test("the list has the rules with their limits, the alerts that go on, and the targets", async (t) => {
  const state = await temporaryFolder(t);
  const target = '[[targets]]\nname = "phone"\ntype = "json"\nurl = "http://phone/secret"\n';
  const post = async () => ({ result: "failed", answer: "there is no network" }) as const;
  const house = createTestHouse(target, { post, log: silentLog, directory: state });
  house.measure({ percent: 10 });
  await house.run(600_000);
  house.alerts.close();

  const toml = `chemistry = "lfp"\n[rules.frozen]\nenabled = false\n${target}[meters.boat.rules.charge-low]\nstart = 50\n`;
  const { status, output, logged } = await runAlerts(t, { toml, state });
  assert.deepEqual([status, logged], [0, []]);
  assert.match(output, /^charge-low +20 % +25 % +5m +1d +warning\ncharge-low +boat +50 % +55 % +5m +1d +warning$/m);
  assert.match(output, /^cell-high +3\.65 V +3\.5 V +30s +6h +alarm$/m);
  assert.match(output, /^frozen +off$/m);
  assert.match(output, /^warning +59 min ago +house: charge at 10 %, limit 20 %$/m);
  assert.match(output, /^phone +json +all alerts +1 waiting$/m);
  assert.doesNotMatch(output, /secret/);

  const { output: json } = await runAlerts(t, { toml, state, json: true });
  const rows = json.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as { kind: string }]));
  assert.deepEqual([...new Set(rows.map(({ kind }) => kind))], ["rule", "alert", "target"]);
});

test("without a state the rules are shown, and a line says what is missing", async (t) => {
  const { status, output, logged, folder } = await runAlerts(t, { toml: "" });
  assert.equal(status, 0);
  assert.match(output, /^no target is set up: no messages are sent$/m);
  assert.deepEqual(logged, [`what goes on is not known: there is no ${folder}/alerts.json yet, bms-viewer writes it`]);
});

test("test sends to every target, prints each answer, and fails if one of them fails", async (t) => {
  const receiver = await startHttpReceiver(t);
  const good = `[[targets]]\nname = "phone"\ntype = "ntfy"\nurl = "${receiver.url}/house"\n[[targets]]\ntype = "home-assistant"\nurl = "${receiver.url}/api/webhook/x"\n`;
  const all = await runAlerts(t, { toml: good, argument: "test" });
  assert.equal(all.status, 0);
  assert.equal(
    all.output,
    "phone (ntfy): sent, 200 OK\nhome-assistant (home-assistant): sent, 200 OK; it answers so to unknown webhooks too: look there\n",
  );
  assert.deepEqual(receiver.received.map(({ path, body }) => [path, body.title]).sort(), [
    ["/", "Test"],
    ["/api/webhook/x", "Test"],
  ]);

  const bad = `${good}[[targets]]\nname = "away"\ntype = "json"\nurl = "http://127.0.0.1:1/"\n`;
  const { status, output } = await runAlerts(t, { toml: bad, argument: "test", json: true });
  assert.equal(status, 1);
  const results = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(results[2], {
    target: "away",
    type: "json",
    result: "failed",
    answer: "nothing listens at the address",
  });
});

test("test without a target, another word, and a wrong file are wrong use", async (t) => {
  await assert.rejects(runAlerts(t, { toml: "", argument: "test" }), /no target is set up: add \[\[targets\]\] to /);
  await assert.rejects(runAlerts(t, { toml: "", argument: "tset" }), UsageError);
  await assert.rejects(runAlerts(t, { toml: "rules = 1" }), /alerts\.toml, line 1: rules: expected a table/);
});
