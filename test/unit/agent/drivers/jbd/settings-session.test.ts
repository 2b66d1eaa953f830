import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeviceSession } from "../../../../../agent/drivers/device-session.ts";
import { jbd } from "../../../../../agent/drivers/jbd/jbd.ts";
import { type ScriptedLink, scriptedLink } from "../../../../support/scripted-link.ts";

type Settings = NonNullable<DeviceSession["settings"]>;

/** Answers in hexadecimal by the request; the n-th equal request gets the n-th, later ones the last. */
async function settingsOf(answers: Readonly<Record<string, readonly string[]>>): Promise<[Settings, ScriptedLink]> {
  const link = scriptedLink({ services: ["ff00"] }, ({ bytes }, nth) => {
    const all = answers[Buffer.from(bytes).toString("hex")] ?? [];
    const answer = all[Math.min(nth, all.length - 1)];
    return answer ? [{ bytes: Uint8Array.from(Buffer.from(answer, "hex")) }] : [];
  });
  const { settings } = await jbd.open(link, {});
  assert.ok(settings);
  return [settings, link];
}

const requestsOn = (link: ScriptedLink) => link.requests.filter(({ op }) => op === "write").map(({ hex }) => hex);

/** From captures of the vendor's app. */
const ENTER = "dd5a00025678ff3077";
const LEAVE = "dd5a01020000fffd77";
const COMMIT = "dd5a01022828ffad77";
const READ_24 = "dda52400ffdc77";
const WRITE_2D = "dd5a2d020002ffcf77";
const RECORDED = {
  [ENTER]: ["dd000000000077"],
  [LEAVE]: ["dd010000000077"],
  [COMMIT]: ["dd010000000077"],
  [READ_24]: ["dd2400020e42ffae77"],
  [WRITE_2D]: ["dd2d0000000077"],
};

test("the requests are those of the vendor's app", async () => {
  const [settings, link] = await settingsOf(RECORDED);
  await settings.enter();
  assert.deepEqual(await settings.read(0x24), Uint8Array.of(0x0e, 0x42));
  await settings.write(0x2d, Uint8Array.of(0x00, 0x02));
  await settings.leave({ commit: false });
  await settings.leave({ commit: true });
  assert.deepEqual(requestsOn(link), [ENTER, READ_24, WRITE_2D, LEAVE, COMMIT]);
});

const SWITCHED = [
  ["both on", { charge: true, discharge: true }, "dd5ae1020000ff1d77"],
  ["charging off", { charge: false, discharge: true }, "dd5ae1020001ff1c77"],
  ["discharging off", { charge: true, discharge: false }, "dd5ae1020002ff1b77"],
  ["both off", { charge: false, discharge: false }, "dd5ae1020003ff1a77"],
] as const;
for (const [about, allowed, request] of SWITCHED) {
  test(`MOSFETs: ${about}`, async () => {
    const [settings, link] = await settingsOf({ [request]: ["dde10000000077"] });
    await settings.switchMosfets(allowed);
    assert.deepEqual(requestsOn(link), [request]);
  });
}

test("a write is sent once: whether it is repeated is for the caller, who reads back first", async () => {
  const [settings, link] = await settingsOf({});
  await assert.rejects(settings.write(0x24, Uint8Array.of(0x0e, 0x42)), { fault: "timeout" });
  assert.equal(requestsOn(link).length, 1);
});

test("entering is tried five times, because the first requests may be lost", async () => {
  const [settings, link] = await settingsOf({});
  await assert.rejects(settings.enter(), { fault: "timeout" });
  assert.deepEqual(requestsOn(link), Array(5).fill(ENTER));
});

test("the acknowledgement of a write is not an answer to a read of the same register, nor the other way round", async () => {
  const [settings] = await settingsOf({
    [READ_24]: ["dd240000000077", "dd2400020e42ffae77"],
    dd5a24020e42ff8a77: ["dd2400020e42ffae77"],
  });
  assert.deepEqual(await settings.read(0x24), Uint8Array.of(0x0e, 0x42));
  await assert.rejects(settings.write(0x24, Uint8Array.of(0x0e, 0x42)), { fault: "timeout" });
});

test("a refusal is final", async () => {
  const [settings, link] = await settingsOf({ [READ_24]: ["dd248100ff7f77"] });
  await assert.rejects(settings.read(0x24), { fault: "refused", message: /0x24 .* 0x81: not allowed/ });
  assert.equal(requestsOn(link).length, 1);
});

/** Passwords, commands, strings, calibration, MOSFETs, restart. */
const FORBIDDEN = [
  0x00, 0x01, 0x06, 0x07, 0x09, 0x0a, 0x0f, 0x48, 0xa0, 0xad, 0xb0, 0xd0, 0xe1, 0xe2, 0xe3, 0xfa, 0xfb,
];
test("a register that holds no parameter is never written", async () => {
  const [settings, link] = await settingsOf({});
  for (const register of FORBIDDEN) {
    await assert.rejects(settings.write(register, Uint8Array.of(0, 0)), RangeError);
  }
  await assert.rejects(settings.write(0x24, Uint8Array.of(1)), RangeError);
  assert.deepEqual(requestsOn(link), []);
});

test("an acknowledgement with a wrong checksum is one", async () => {
  const [settings] = await settingsOf({ dd5ae1020000ff1d77: ["dde10000ffff77"] });
  await settings.switchMosfets({ charge: true, discharge: true });
});

test("a damaged answer to a read is not taken", async () => {
  const [settings] = await settingsOf({ [READ_24]: ["dd2400020e43ffae77"] });
  await assert.rejects(settings.read(0x24), { fault: "checksum" });
});
