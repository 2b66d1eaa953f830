import assert from "node:assert/strict";
import { test } from "node:test";
import type { Row } from "../../simulator/csv-rows.ts";
import { createSystem, deviceColumns, printed } from "./system.ts";

/** Every fault of the simulator on a pack, most of them at every third answer. */
const PACK_FAULTS = [
  "lose-request:every=3",
  "lose-answer:every=3",
  "lose-first:every=3",
  "lose-last:every=3",
  "lose-piece:every=3",
  "first-lost",
  "delay:ms=300,every=3",
  "gap:ms=60",
  "cut",
  "cut:size=1",
  "double",
  "repeat",
  "flip:every=3",
  "noise:kind=zero,where=between",
  "noise:kind=broadcast,where=between",
  "noise:kind=module,where=before",
  "broadcasts:ms=50",
  "stray-zero",
  "refuse:register=04",
  "silence:register=04",
  "wrong-register:every=3",
  "garbage:every=3",
  "stale",
  "disconnect:at=middle,every=7",
  "short-link:ms=1500",
  "out-of-range:for=1000",
  "occupied:for=1000",
  "refuse-connect:times=2",
  "silence:for=1000",
  "echo:for=1000",
  "pairing-needed:for=1000",
  "locked:pin=123456",
] as const;

/** Without a checksum not every flipped bit or torn read of a monitor can be detected: see the tests of its driver. */
const MONITOR_FAULTS = ["garbage:every=3", "lose-answer:times=1", "refuse:every=5", "disconnect:every=7"] as const;

const address = (prefix: string, n: number) => `${prefix}:${n.toString(16).padStart(2, "0").toUpperCase()}`;

const DEVICES = [
  ...PACK_FAULTS.map((fault, n) => ({ fault, kind: "jbd16", address: address("A4:C1:37:00:01", n) })),
  ...MONITOR_FAULTS.flatMap((fault, n) => [
    { fault, kind: "v1", address: address("C0:00:00:00:01", n) },
    { fault, kind: "v2", address: address("C0:00:00:00:02", n) },
  ]),
].map((device, n) => ({ ...device, meter: `m${n}` }));

/** True if every column of the row is from one whole answer of a register. */
function isOneAnswerEach(row: Row, answers: readonly Row[]): boolean {
  const whole = answers.filter((answer) => Object.entries(answer).every(([name, value]) => row[name] === value));
  return Object.keys(row).every((name) => whole.some((answer) => name in answer));
}

test("under every fault readings go on, and none holds a value that no battery reported", {
  timeout: 120_000,
}, async (t) => {
  const system = createSystem(t);
  await system.startSimulator(
    ...["--latency", "2"],
    ...DEVICES.flatMap(({ address, kind, fault }) => [
      "--device",
      `${address}=${kind}`,
      "--fault",
      `${address}=${fault}`,
    ]),
  );
  await system.startAggregator();
  const agents = DEVICES.map(({ meter, address, fault }) =>
    system.startAgent(meter, address, "-i", "0.5", ...(fault.startsWith("locked") ? ["--pin", "123456"] : [])),
  );
  await system.until(() => DEVICES.every(({ meter }) => system.measured(meter).length >= 5));
  await Promise.all(agents.map((agent) => agent.stop()));

  const handedOut = system.answers().filter((answer) => answer.fault === undefined);
  for (const { meter, address, fault } of DEVICES) {
    const answers = handedOut.filter((answer) => answer.device === address).map((answer) => printed(answer.sample));
    for (const row of system.measured(meter)) {
      assert.ok(isOneAnswerEach(deviceColumns(row), answers), `${fault}: no answer held ${JSON.stringify(row)}`);
    }
  }
});
