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

/** Somebody who gives these answers, one after the other. */
function person(...answers: string[]): Prompt & { told: string[] } {
  const told: string[] = [];
  return {
    told,
    print: (text) => void told.push(text),
    close() {},
    async ask(_question, preset, validate) {
      for (;;) {
        const answer = answers.shift();
        assert.ok(answer !== undefined, "asked more often than expected");
        const wrong = validate(answer || preset);
        if (wrong === undefined) return answer || preset;
        told.push(wrong);
      }
    },
  };
}

/** A radio that says these things over and over. */
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
    connect: () => Promise.reject(new Error("only scans")),
    close: async () => {},
  };
  return { radio, clock };
}

test("the table numbers what is in range and says why it is taken for a battery", () => {
  assert.equal(
    inRangeTable([battery, stranger]),
    `1  C0:00:00:00:00:01  -60 dBm  thornwave (certain: its service)  PowerMon-5S
2  11:22:33:44:55:66           not recognised
`,
  );
});

test("a number chooses, nothing means the first, and anything else is asked again", async () => {
  const someone = person("3", "x", "2");
  assert.equal(await chooseInRange([battery, stranger], someone), stranger);
  assert.equal(someone.told.length, 3);
  assert.equal(await chooseInRange([battery, stranger], person("")), battery);
});

test("what is not known for a battery is never the preset", async () => {
  const someone = person("", "1");
  assert.equal(await chooseInRange([stranger], someone), stranger);
  assert.match(someone.told.at(-1) ?? "", /expected a number/);
});

test("an empty air says what to do", async () => {
  await assert.rejects(chooseInRange([], person()), /no device found: switch the battery on/);
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

test("what is heard in pieces is put together; what may be a battery comes first, then the strongest", async () => {
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

test("who stops the search gets no list", async () => {
  const { radio, clock } = radioThatHears([advertisementOf("11:22:33:44:55:66")]);
  const stop = new AbortController();
  const searching = scanFor(10_000, { radio, clock }, stop.signal);
  await clock.sleep(1_000);
  stop.abort(new Error("stopped"));
  await assert.rejects(searching, /stopped/);
});
