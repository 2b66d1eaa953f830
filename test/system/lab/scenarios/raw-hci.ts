import { existsSync } from "node:fs";
import { until } from "../../../support/until.ts";
import { createFleet, quiet } from "../guest/fleet.ts";
import type { Scenario } from "../guest/scenario.ts";
import { ROOT, type Stage } from "../guest/stage.ts";
import type { Finding } from "../report.ts";

const BATTERIES = { jbd: 2, thornwave: 0 };
const PERIOD_S = 1;
const WATCHED_S = 15;
const HARMED_WITHIN_STARTS = 5;
const NATIVE_PART = "/opt/bms/node_modules/@abandonware/bluetooth-hci-socket/build/Release/bluetooth_hci_socket.node";
const STRANGER = "/opt/bms/lab/raw-stranger.js";
const FIRST = "jbd1";
const SECOND = "jbd2";

export const RAW_HCI: Scenario = {
  name: "raw-hci",
  about: "raw HCI without bluetoothd: one agent works, a second is refused, and what would happen if it were not",
  batteries: BATTERIES,
  run,
};

async function* run(stage: Stage): AsyncIterable<Finding> {
  if (!existsSync(NATIVE_PART)) {
    yield { expected: "the native part of raw HCI", verdict: "failed", seen: "it could not be compiled on the host" };
    return;
  }
  await stage.stack.stopBluetoothd("SIGTERM");
  stage.stack.bringAdapterUp();
  const fleet = createFleet(stage, BATTERIES, PERIOD_S);
  const raw = { options: ["--radio", "hci"], user: ROOT };
  const startedAt = Date.now();
  const first = stage.startAgent({ ...fleet.agent(FIRST), ...raw });
  yield await fleet.cameBack("one agent reads without bluetoothd", startedAt, 20, [FIRST]);

  const since = Date.now();
  const second = stage.startAgent({ ...fleet.agent(SECOND), ...raw });
  await quiet(WATCHED_S);
  const [words = "nothing"] = second.stderr;
  const refused = /used by another bms-agent/.test(words) && stage.ledger.answersSince(SECOND, since).length === 0;
  yield {
    expected: "a second agent is refused",
    verdict: refused ? "passed" : "failed",
    seen: words.replace(/^<\d>/, ""),
  };
  yield fleet.lostNothing("and the first loses nothing", since, [FIRST]);
  await second.stop("SIGTERM");

  yield* harm();

  /** Starts the agent anew beside a program that knows nothing of claims: a few times, as either may be lucky. */
  async function* harm(): AsyncIterable<Finding> {
    await first.stop("SIGTERM");
    const command = ["node", STRANGER, fleet.agent(SECOND).address] as const;
    const stranger = stage.startAsUser({ name: "stranger", command, user: ROOT });
    await until("the stranger has a link", () => stranger.stdout.length > 0, 30_000);
    const seen: string[] = [];
    let isHarmed = false;
    for (let start = 0; start < HARMED_WITHIN_STARTS && !isHarmed; start++) {
      const beside = Date.now();
      const agent = stage.startAgent({ ...fleet.agent(FIRST), ...raw });
      await quiet(WATCHED_S);
      const { asked, answered } = stage.ledger.countSince(FIRST, beside);
      const words = (agent.stderr.find((line) => /no answer|Error/.test(line)) ?? "").replace(/^<\d>/, "");
      isHarmed = asked > answered || !agent.isRunning;
      seen.push(`${agent.isRunning ? `${asked - answered} of ${asked} lost` : "it died"}: ${words}`);
      await agent.stop("SIGTERM");
    }
    yield {
      expected: "what the claim prevents: beside a stranger on the raw adapter polls are lost, or the agent dies",
      verdict: isHarmed ? "passed" : "failed",
      seen: seen.join("; "),
    };
  }
}
