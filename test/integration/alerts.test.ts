// cspell:ignore strat nstrat
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { connectSimulator } from "../../simulator/control-client.ts";
import { startHttpReceiver } from "../support/http-receiver.ts";
import { until } from "../support/until.ts";
import { createSystem } from "./system.ts";

const PACK = "A4:C1:37:00:00:01";

test("a protection of a battery becomes a message, a restart repeats nothing, and its end becomes the second one", async (t) => {
  const system = createSystem(t);
  const receiver = await startHttpReceiver(t);
  const file = join(system.folder, "alerts.toml");
  const target = `[[targets]]\nname = "phone"\ntype = "ntfy"\nurl = "${receiver.url}/secret-topic"\ntoken = "tk_secret"\n`;
  await writeFile(file, `${target}[rules.protection]\nend_delay = "0"\n`);
  await system.startSimulator("--jbd", "1", "--latency", "1");
  const simulator = await connectSimulator(system.simulatorSocket);
  t.after(simulator.close);
  await system.startAggregator();
  system.startAgent("house", PACK, "-i", "0.5");
  const options = ["--alerts", file, "--history", join(system.folder, "viewer")];
  const viewer = await system.startViewer(...options);
  await viewer.until("a live meter", ({ meters }) => meters[0]?.state === "live");

  await simulator.alarm(PACK, "ovp", true);
  await until("the message", () => receiver.received.length >= 1);
  const { alerts } = await viewer.until("the alert on the page", (view) => view.alerts.length > 0);
  assert.deepEqual(
    alerts.map(({ rule, meter, severity, endedAt }) => [rule, meter, severity, endedAt]),
    [["protection", "house", "alarm", undefined]],
  );
  await viewer.program.stop();

  const restarted = await system.startViewer(...options);
  await restarted.until(
    "the same alert",
    (view) => view.alerts[0]?.id === alerts[0]?.id && view.meters[0]?.state === "live",
  );
  await simulator.alarm(PACK, "ovp", false);
  await until("the second message", () => receiver.received.length >= 2);
  await restarted.program.stop();

  assert.deepEqual(
    receiver.received.map(({ path, body }) => [path, body.topic, body.title, body.priority]),
    [
      ["/", "secret-topic", "Alarm: house", 5],
      ["/", "secret-topic", "Ended: house", 2],
    ],
  );
  const [start = "", end = ""] = receiver.received.map(({ body }) => String(body.message));
  assert.match(start, /^house: cell \d at 3\.\d{3} V, over-voltage protection stopped charging$/);
  assert.match(end, /^house: cell \d is at 3\.\d{3} V again, charging goes on \(after \d+ (s|min)\)$/);
  const log = [...viewer.program.stderr, ...restarted.program.stderr].join("\n");
  assert.match(log, /over-voltage protection stopped charging/);
  assert.doesNotMatch(log, /secret/);
});

test("a wrong file ends the viewer with exit status 2 and one line", async (t) => {
  const system = createSystem(t);
  const file = join(system.folder, "alerts.toml");
  await writeFile(file, "[rules.charge-low]\nstrat = 30\n");
  await assert.rejects(system.startViewer("--alerts", file), (error: Error) => {
    assert.match(error.message, /alerts\.toml, line 2: rules\.charge-low\.strat: unknown; did you mean start\?/);
    return true;
  });
});
