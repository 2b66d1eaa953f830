import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ant } from "../../../../../agent/drivers/ant/ant.ts";
import { encodeAnswer, encodeLegacyRecord } from "../../../../../agent/drivers/ant/frame.ts";
import { NEW_PROTECTIONS, PROTECTIONS, statusSample } from "../../../../../agent/drivers/ant/sample.ts";
import { decodeStatus, encodeLegacy, encodeStatus, type Status } from "../../../../../agent/drivers/ant/status.ts";
import { type Script, scriptedLink } from "../../../../support/scripted-link.ts";

const STATUS: Status = {
  head: { state: 3, protect: 0x0200, protect2: 1, alarm: 0x8800, alarm2: 2 },
  cells: [3300, 3290, 3310],
  temperatures: [-5, undefined],
  tail: {
    ...{ mostemp: 20, volts: 9.9, amps: -12.3, percent: 50, health: 99, charge: 1, discharge: 1, capacity: 100 },
    ...{ remain: 50.123456, uptime: 77, balancing: 0b101, delta: 20, outah: 1000.5, inah: 1001.25 },
  },
};
const status = (change: Partial<Status["tail"]> = {}) =>
  encodeAnswer("status", encodeStatus({ ...STATUS, tail: { ...STATUS.tail, ...change } }));
const LEGACY = encodeLegacyRecord(
  encodeLegacy({
    values: { volts: 9.9, amps: 25.5, percent: 60, remain: 60, uptime: 1, charge: 1, discharge: 0 },
    cells: [3300, 3290, 3310],
    temperatures: [20, 21, 22, 23, undefined, undefined],
  }),
);
const decoded = (change: Partial<Status["tail"]>) => statusSample(decodeStatus(status(change)));

describe("records", () => {
  test("an encoded status is decoded to what it was made from", () => {
    assert.deepEqual(decodeStatus(status()), STATUS);
  });

  test("a current is negative while discharging; a sensor of -40 °C is absent, and keeps the number of the next one", () => {
    const { amps, temp1, temp2, mostemp, balancetemp, c01, c02, c03, balancing, watts } = decoded({});
    assert.deepEqual(
      { amps, temp1, temp2, mostemp, balancetemp, c01, c02, c03, balancing, watts },
      {
        amps: -12.3,
        temp1: -5,
        temp2: undefined,
        mostemp: 20,
        balancetemp: undefined,
        c01: 1,
        c02: 0,
        c03: 1,
        balancing: 1,
        watts: -121.77,
      },
    );
  });

  test("each code of a MOSFET sets its word and no other", () => {
    for (const [name, { charge, discharge }] of Object.entries({ ...PROTECTIONS, ...NEW_PROTECTIONS })) {
      for (let code = 0; code < 21; code++) {
        const sample = { ...decoded({ charge: code, discharge: 1 }) } as Readonly<Record<string, number>>;
        assert.equal(sample[name], (charge as readonly number[]).includes(code) ? 1 : 0, `${name}, charge ${code}`);
        const other = { ...decoded({ charge: 1, discharge: code }) } as Readonly<Record<string, number>>;
        assert.equal(
          other[name],
          (discharge as readonly number[]).includes(code) ? 1 : 0,
          `${name}, discharge ${code}`,
        );
      }
    }
    assert.deepEqual(
      [0, 1, 15].map((charge) => decoded({ charge, discharge: 1 }).fet),
      [2, 3, 2],
    );
  });

  test("more cells than an answer holds are malformed", () => {
    const frame = status();
    frame[9] = 33;
    assert.throws(() => decodeStatus(frame), { fault: "malformed" });
  });
});

/** A board that answers these functions, or the older request. */
async function board(answers: Readonly<Record<number, Uint8Array>>, pin?: string) {
  const script: Script = ({ op, bytes }) => {
    const answer = op === "write" ? answers[bytes[0] === 0xdb ? 0xdb : (bytes[2] ?? 0)] : undefined;
    return answer ? [{ bytes: answer }] : [];
  };
  const link = scriptedLink({ services: ["ffe0"] }, script);
  const requests = () => link.requests.filter(({ op }) => op === "write").map(({ hex }) => hex.slice(0, 6));
  return { requests, session: await ant.open(link, pin === undefined ? {} : { pin }) };
}

describe("a session", () => {
  test("asks a newer board in one way alone", async () => {
    const { session, requests } = await board({ 1: status(), 219: LEGACY });
    assert.equal((await session.poll()).amps, -12.3);
    await session.poll();
    assert.deepEqual(requests(), ["7ea101", "7ea101"]);
  });

  test("asks an older board in the newer way first, and then no more", async () => {
    const { session, requests } = await board({ 219: LEGACY });
    const { amps, capacity } = await session.poll();
    assert.deepEqual({ amps, capacity }, { amps: 25.5, capacity: undefined });
    await session.poll();
    assert.deepEqual(requests(), [...Array.from({ length: 4 }, () => "7ea101"), "dbdb00", "dbdb00"]);
    assert.deepEqual(await session.describe(), { cells: 3 });
  });

  test("sends a password that it was given, once the link is open", async () => {
    const { requests } = await board(
      { 35: encodeAnswer("password", Uint8Array.of(0, 0, 0, 0x6a, 1, 0, 5, 0)) },
      "12345678",
    );
    assert.deepEqual(requests(), ["7ea123"]);
  });

  test("a password that no board can have is wrong", async () => {
    await assert.rejects(board({}, "1234"), { fault: "locked" });
  });

  test("the password does not stand in a capture, and a capture with it is known", async () => {
    const request = Uint8Array.from(Buffer.from("7ea123016a083132333435363738d9eeaa55", "hex"));
    assert.ok(ant.beginsUnlocking(request));
    const redacted = Buffer.from(ant.redactor()("sent", request));
    assert.equal(redacted.length, request.length);
    assert.ok(!redacted.includes("12345678"));
    const link = scriptedLink({ services: ["ffe0"] }, () => []);
    await ant.open(link, { pin: "12345678" });
    assert.equal(link.requests.at(-1)?.hex, Buffer.from(request).toString("hex"));
  });
});
