import assert from "node:assert/strict";
import { test } from "node:test";
import { type ScanResult, scanFor } from "../../../../agent/drivers/discovery.ts";
import { thornwave } from "../../../../agent/drivers/thornwave/thornwave.ts";
import type { Advertisement, Radio } from "../../../../agent/radio/radio.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { chooseInRange, inRangeTable, suggestName } from "../../../../control/setup/choose-device.ts";
import type { Prompt } from "../../../../control/setup/prompt.ts";
import { advertisementOf } from "../../../support/advertisement.ts";

const battery: ScanResult = {
  advertisement: advertisementOf("C0:00:00:00:00:01", { name: "PowerMon-5S" }),
  recognised: { driver: thornwave, confidence: "certain", why: "its service" },
};
const stranger: ScanResult = {
  advertisement: advertisementOf("11:22:33:44:55:66", { rssi: undefined }),
  recognised: undefined,
};

/** A prompt at which these answers are given, one after the other. */
function prompt(...answers: string[]): Prompt & { printed: string[] } {
  const printed: string[] = [];
  return {
    printed,
    print: (text) => void printed.push(text),
    close() {},
    async ask(_question, preset, validate) {
      for (;;) {
        const answer = answers.shift();
        assert.ok(answer !== undefined, "more questions than answers");
        const complaint = validate(answer || preset);
        if (complaint === undefined) return answer || preset;
        printed.push(complaint);
      }
    },
  };
}

/** A radio that receives these advertisements again and again. */
function radioThatHears(
  advertisements: readonly Advertisement[],
  clock = virtualClock(),
): { radio: Radio; clock: typeof clock } {
  const radio: Radio = {
    async *scan(signal) {
      while (!signal.aborted) {
        yield* advertisements;
        await clock.sleep(100, signal).catch(() => {});
      }
    },
    async *listen() {},
    connect: () => Promise.reject(new Error("only scans")),
    close: async () => {},
  };
  return { radio, clock };
}

test("the table numbers the devices in range, with the reason why one is recognised", () => {
  assert.equal(
    inRangeTable([battery, stranger]),
    `1  C0:00:00:00:00:01  -60 dBm  thornwave (certain: its service)  PowerMon-5S
2  11:22:33:44:55:66           not recognised
`,
  );
});

test("a number chooses, an empty answer means the first, and anything else is asked again", async () => {
  const asked = prompt("3", "x", "2");
  assert.equal(await chooseInRange([battery, stranger], asked), stranger);
  assert.equal(asked.printed.length, 3);
  assert.equal(await chooseInRange([battery, stranger], prompt("")), battery);
});

test("a device that is not recognised is never the preset", async () => {
  const asked = prompt("", "1");
  assert.equal(await chooseInRange([stranger], asked), stranger);
  assert.match(asked.printed.at(-1) ?? "", /expected a number/);
});

test("without a device in range the error has a remedy", async () => {
  await assert.rejects(chooseInRange([], prompt()), /no device found: switch the battery on/);
});

for (const [name, suggested] of [
  ["PowerMon-5S", "powermon-5s"],
  ["  SP15S 100A! ", "sp15s-100a"],
  ["电池", "thornwave"],
] as const) {
  test(`"${name}" suggests the name ${suggested}`, () => {
    const advertisement = advertisementOf("C0:00:00:00:00:01", { name });
    assert.equal(suggestName({ ...battery, advertisement }), suggested);
  });
}

test("advertisements of one device are merged; recognised batteries come first, then the strongest", async () => {
  const jbd = "A4:C1:37:00:00:01";
  const { radio, clock } = radioThatHears([
    advertisementOf("11:22:33:44:55:66", { rssi: -30 }),
    advertisementOf("11:22:33:44:55:77", { rssi: -20 }),
    advertisementOf(jbd, { rssi: -90, services: ["ff00"] }),
    advertisementOf(jbd, { rssi: -88, name: "xiaoxiang BMS" }),
  ]);
  const found = await scanFor(3_000, { radio, clock }, new AbortController().signal);
  assert.deepEqual(
    found.map(({ advertisement }) => advertisement.address),
    [jbd, "11:22:33:44:55:77", "11:22:33:44:55:66"],
  );
  assert.equal(found[0]?.recognised?.driver.name, "jbd");
  assert.deepEqual(found[0]?.advertisement.services, ["ff00"]);
  assert.equal(found[0]?.advertisement.name, "xiaoxiang BMS");
  assert.equal(found[0]?.advertisement.rssi, -88);
});

test("a stopped scan returns no list", async () => {
  const { radio, clock } = radioThatHears([advertisementOf("11:22:33:44:55:66")]);
  const stop = new AbortController();
  const searching = scanFor(10_000, { radio, clock }, stop.signal);
  await clock.sleep(1_000);
  stop.abort(new Error("stopped"));
  await assert.rejects(searching, /stopped/);
});
