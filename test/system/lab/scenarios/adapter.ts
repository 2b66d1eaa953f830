import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../../support/until.ts";
import type { Finding } from "../../machine/report.ts";
import type { Environment, Scenario } from "../guest/environment.ts";

const PACK = "A4:C1:37:00:00:01";
const LOCKED_PACK = "A4:C1:37:00:00:02";
const METER = "C0:00:00:00:00:01";
const PASSKEY = "123456";
const select = (uuid: string) => `select-attribute 0000${uuid}-0000-1000-8000-00805f9b34fb`;
/** A request for register 0x03 of a JBD pack. */
const REQUEST_BASICS = "write '0xdd 0xa5 0x03 0x00 0xff 0xfd 0x77' 0 command";
const METER_VALUE = "7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c";
const STEP_WITHIN_S = 20;

/** Matches the scan's lines about new devices. */
function inAnyOrder(...addresses: readonly string[]): RegExp {
  return new RegExp(addresses.map((address) => `(?=[^]*NEW.*Device ${address} )`).join(""));
}

/** Lines for bluetoothctl, and its expected output. */
const STEPS: readonly (readonly [expected: string, typed: readonly string[], seen: RegExp])[] = [
  ["an ordinary user sees every device", ["scan on"], inAnyOrder(PACK, LOCKED_PACK, METER)],
  ["connects", ["scan off", `connect ${PACK}`], /ServicesResolved: yes/],
  ["subscribes", ["menu gatt", select("ff01"), "notify on"], /Notify started/],
  // bluetoothctl shows only what comes for the attribute that is selected.
  ["is notified of an answer", [select("ff02"), REQUEST_BASICS, select("ff01")], /\bdd 03 00 [0-9a-f]{2} /],
  ["connects to another", ["back", `connect ${METER}`], /Device C0:00:00:00:00:01 ServicesResolved: yes/],
  [
    "reads 52 bytes over an MTU of 23",
    ["menu gatt", `select-attribute ${METER_VALUE}`, "read"],
    /(?: {2}(?:[0-9a-f]{2} ){16}[\s\S]*?){3} {2}(?:[0-9a-f]{2} ){4} {3}/,
  ],
  ["is asked for a passkey", ["back", `connect ${LOCKED_PACK}`, `pair ${LOCKED_PACK}`], /Enter passkey/],
  ["is paired by it", [PASSKEY], /Bonded: yes/],
  ["may then subscribe", ["menu gatt", select("ff01"), "notify on"], /Notify started/],
];

/** The virtual adapter without any agent: all other scenarios depend on it. */
export const ADAPTER: Scenario = {
  name: "adapter",
  about: "the virtual adapter itself: bluetoothctl finds, connects, reads, is notified, pairs with a passkey",
  batteries: { jbd: 2, thornwave: 1 },
  passkeys: { [LOCKED_PACK]: PASSKEY },
  run,
};

async function* run(environment: Environment): AsyncIterable<Finding> {
  const client = environment.start({ name: "bluetoothctl", command: ["bluetoothctl", "--agent", "KeyboardDisplay"] });
  await sleep(1000);
  for (const [expected, lines, seen] of STEPS) {
    const from = client.stdout.length;
    for (const line of lines) client.type(line);
    const startedAt = Date.now();
    await until(expected, () => seen.test(client.stdout.slice(from).join("\n")), STEP_WITHIN_S * 1000);
    yield { expected, verdict: "passed", seen: `${((Date.now() - startedAt) / 1000).toFixed(1)} s` };
  }
}
