import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../../support/until.ts";
import type { Scenario } from "../guest/scenario.ts";
import type { Stage } from "../guest/stage.ts";
import type { Finding } from "../report.ts";

const PACK = "A4:C1:37:00:00:01";
const LOCKED_PACK = "A4:C1:37:00:00:02";
const METER = "C0:00:00:00:00:01";
const PASSKEY = "123456";
const selectNumber = (uuid: string) => `select-attribute 0000${uuid}-0000-1000-8000-00805f9b34fb`;
/** Register 0x03 of a JBD pack, asked for. */
const ASK_BASICS = "write '0xdd 0xa5 0x03 0x00 0xff 0xfd 0x77' 0 command";
const METER_VALUE = "7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c";
const STEP_WITHIN_S = 20;

/** The scan's lines about new devices. */
function inAnyOrder(...addresses: readonly string[]): RegExp {
  return new RegExp(addresses.map((address) => `(?=[^]*NEW.*Device ${address} )`).join(""));
}

/** What is typed, and what must then be read. */
const STEPS: readonly (readonly [expected: string, typed: readonly string[], seen: RegExp])[] = [
  ["an ordinary user sees every device", ["scan on"], inAnyOrder(PACK, LOCKED_PACK, METER)],
  ["connects", ["scan off", `connect ${PACK}`], /ServicesResolved: yes/],
  ["subscribes", ["menu gatt", selectNumber("ff01"), "notify on"], /Notify started/],
  // bluetoothctl shows only what comes for the attribute that is selected.
  ["is notified of an answer", [selectNumber("ff02"), ASK_BASICS, selectNumber("ff01")], /\bdd 03 00 [0-9a-f]{2} /],
  ["connects to another", ["back", `connect ${METER}`], /Device C0:00:00:00:00:01 ServicesResolved: yes/],
  [
    "reads 52 bytes over an MTU of 23",
    ["menu gatt", `select-attribute ${METER_VALUE}`, "read"],
    /(?: {2}(?:[0-9a-f]{2} ){16}[\s\S]*?){3} {2}(?:[0-9a-f]{2} ){4} {3}/,
  ],
  ["is asked for a passkey", ["back", `connect ${LOCKED_PACK}`, `pair ${LOCKED_PACK}`], /Enter passkey/],
  ["is paired by it", [PASSKEY], /Bonded: yes/],
  ["may then subscribe", ["menu gatt", selectNumber("ff01"), "notify on"], /Notify started/],
];

/** The lab itself, without any agent: the rest of the scenarios stands on this. */
export const BENCH: Scenario = {
  name: "bench",
  about: "the lab itself: bluetoothctl finds, connects, reads, is notified, pairs with a passkey",
  batteries: { jbd: 2, thornwave: 1 },
  passkeys: { [LOCKED_PACK]: PASSKEY },
  run,
};

async function* run(stage: Stage): AsyncIterable<Finding> {
  const typed = stage.startAsUser({ name: "bluetoothctl", command: ["bluetoothctl", "--agent", "KeyboardDisplay"] });
  await sleep(1000);
  for (const [expected, lines, seen] of STEPS) {
    const from = typed.stdout.length;
    for (const line of lines) typed.type(line);
    const startedAt = Date.now();
    await until(expected, () => seen.test(typed.stdout.slice(from).join("\n")), STEP_WITHIN_S * 1000);
    yield { expected, verdict: "passed", seen: `${((Date.now() - startedAt) / 1000).toFixed(1)} s` };
  }
}
