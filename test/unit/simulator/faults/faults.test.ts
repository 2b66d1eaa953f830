import assert from "node:assert/strict";
import { test } from "node:test";
import { mixPassword } from "../../../../agent/drivers/jbd/module-frame.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { faultsOf, parseFault } from "../../../../simulator/faults/faults.ts";
import { ENDED_BY_PERIPHERAL, LINK_LOST, NOT_ESTABLISHED } from "../../../../simulator/peripheral.ts";
import { FAMILIES, familyOf, usualDevices } from "../../../../simulator/registry.ts";
import { createSimulator } from "../../../../simulator/simulator.ts";
import { connectCentral, REQUEST_CELLS, REQUEST_INFO, REQUEST_MODEL } from "../../../support/simulated-central.ts";

/** Answers of a pack without faults at the same moment. */
async function undisturbed(request: string): Promise<string[]> {
  return connectCentral(virtualClock()).request(request);
}

/** Words of a fault → what comes of the pieces that an undisturbed pack would have notified. */
const CHANGED: readonly [spec: string, expected: (pieces: readonly string[]) => readonly string[]][] = [
  ["silence", () => []],
  ["lose-request", () => []],
  ["lose-answer", () => []],
  ["first-lost", () => []],
  ["lose-first", ([, ...others]) => others],
  ["lose-last", (pieces) => pieces.slice(0, -1)],
  ["lose-piece:n=2", ([first = "", , ...others]) => [first, ...others]],
  ["lose-piece:n=9", (pieces) => pieces],
  ["delay:ms=100", (pieces) => pieces],
  ["gap:ms=30", (pieces) => pieces],
  ["cut:size=1", (pieces) => pieces.join("").match(/../g) ?? []],
  ["cut:size=20", (pieces) => pieces],
  ["double", (pieces) => pieces.flatMap((piece) => [piece, piece])],
  ["repeat", (pieces) => [...pieces, ...pieces]],
  ["flip:bit=0", ([first = "", ...others]) => [first.replace(/^dd/, "dc"), ...others]],
  ["noise:kind=zero", (pieces) => ["00", ...pieces]],
  ["noise:kind=zero,where=between", (pieces) => ["00", ...pieces]],
  ["noise:kind=module,where=between", ([first = "", ...others]) => [first, "ffaa1701374f", ...others]],
  ["noise:kind=module,where=after", (pieces) => [...pieces, "ffaa1701374f"]],
  ["refuse", () => ["dd038000ff8077"]],
  ["refuse:status=81", () => ["dd038100ff7f77"]],
  ["echo", () => [REQUEST_INFO]],
  ["wrong-register", ([first = "", ...others]) => [first.replace(/^dd03/, "dd04"), ...others]],
  ["stale", (pieces) => pieces],
  ["disconnect:at=after", (pieces) => pieces],
  ["disconnect:at=middle", ([first = ""]) => [first]],
  ["disconnect:at=request", () => []],
  ["out-of-range", () => []],
  ["occupied", (pieces) => pieces],
  ["locked", () => []],
  ["idle-cut", (pieces) => pieces],
  ["tear", (pieces) => pieces],
  ["silence:register=04", (pieces) => pieces],
  ["silence:every=2", (pieces) => pieces],
  ["silence:chance=0", (pieces) => pieces],
];

for (const [spec, expected] of CHANGED) {
  test(`${spec}: changes the answer to the first request as described`, async () => {
    const { request } = connectCentral(virtualClock(), { faults: [spec] });
    assert.deepEqual(await request(REQUEST_INFO), expected(await undisturbed(REQUEST_INFO)));
  });
}

test("an answer is logged with its values unless it cannot have arrived intact", async () => {
  const spoils = [
    "lose-answer",
    "lose-first",
    "lose-last",
    "lose-piece",
    "flip",
    "refuse",
    "echo",
    "garbage",
    "wrong-register",
    "disconnect",
  ];
  const leaves = ["delay", "gap", "cut", "double", "repeat", "noise", "stale", "disconnect:at=after", "broadcasts"];
  for (const spec of [...spoils, ...leaves]) {
    const { request, records, link } = connectCentral(virtualClock(), { faults: [spec] });
    await request(REQUEST_INFO);
    link.close();
    const [record] = records;
    assert.equal(records.length, 1, spec);
    assert.equal(record?.fault, spoils.includes(spec) ? spec : undefined, spec);
    assert.equal(record?.sample.volts === undefined, spoils.includes(spec), spec);
  }
});

test("flip changes exactly one bit, garbage keeps the length", async () => {
  const whole = Buffer.from((await undisturbed(REQUEST_INFO)).join(""), "hex");
  const flipped = Buffer.from(
    (await connectCentral(virtualClock(), { faults: ["flip"] }).request(REQUEST_INFO)).join(""),
    "hex",
  );
  const differing = whole.map((byte, i) => byte ^ (flipped[i] ?? 0)).filter((bits) => bits !== 0);
  assert.equal(differing.length, 1);
  assert.equal(Math.log2(differing[0] ?? 0) % 1, 0);
  const garbage = (await connectCentral(virtualClock(), { faults: ["garbage"] }).request(REQUEST_INFO)).join("");
  assert.equal(garbage.length, whole.length * 2);
});

test("stale: the previous answer is repeated, then the right one follows", async () => {
  const { request } = connectCentral(virtualClock(), { faults: ["stale"] });
  const info = await request(REQUEST_INFO);
  const both = await request(REQUEST_CELLS);
  assert.deepEqual(both.slice(0, info.length), info);
  assert.match(both[info.length] ?? "", /^dd04/);
});

test("times, every and register decide when a fault acts", async () => {
  const answered = async (spec: string) => {
    const { request } = connectCentral(virtualClock(), { faults: [spec] });
    const counts: number[] = [];
    for (const hex of [REQUEST_INFO, REQUEST_CELLS, REQUEST_INFO, REQUEST_CELLS])
      counts.push((await request(hex)).length > 0 ? 1 : 0);
    return counts.join("");
  };
  assert.equal(await answered("silence:times=1"), "0111");
  assert.equal(await answered("silence:every=2"), "1010");
  assert.equal(await answered("silence:register=04"), "1010");
  assert.equal(await answered("silence:register=04,times=1"), "1011");
});

test("for: a fault is removed after its time", async () => {
  const { request, device } = connectCentral(virtualClock(), { faults: ["silence:for=900"] });
  assert.equal(device.layers().length, 1);
  assert.deepEqual(await request(REQUEST_INFO), []);
  assert.notDeepEqual(await request(REQUEST_INFO), []);
  assert.equal(device.layers().length, 0);
});

test("the newest fault is outermost", async () => {
  const { request, simulator } = connectCentral(virtualClock(), { faults: ["cut:size=10", "lose-last"] });
  const [whole] = [(await undisturbed(REQUEST_INFO)).join("")];
  assert.equal((await request(REQUEST_INFO)).join("").length, whole.length - (whole.length % 20 || 20));
  simulator.clear("all");
  simulator.set("all", "lose-last");
  simulator.set("all", "cut:size=1");
  assert.equal((await request(REQUEST_INFO)).join("").length, whole.length - (whole.length % 40 || 40));
});

test("delay and gap take their time", async () => {
  const clock = virtualClock();
  const { request, records } = connectCentral(clock, { faults: ["delay:ms=300", "gap:ms=50"] });
  await request(REQUEST_INFO);
  const pieces = (await undisturbed(REQUEST_INFO)).length;
  assert.equal(records[0]?.took, 77 + 300 + 50 * (pieces - 1));
});

test("broadcasts arrive unrequested, and stop with the link", async () => {
  const clock = virtualClock();
  const { link, notified } = connectCentral(clock, { faults: ["broadcasts:ms=100"] });
  await clock.sleep(350);
  assert.equal(notified.length, 3);
  assert.ok(
    notified.every((piece) => piece.startsWith("0251") && piece.length === 40),
    notified.join(),
  );
  link.close();
  await clock.sleep(1_000);
  assert.equal(notified.length, 3);
});

test("stray-zero: a lone 00 comes after the subscription", async () => {
  const clock = virtualClock();
  const { notified } = connectCentral(clock, { faults: ["stray-zero"] });
  await clock.sleep(10);
  assert.deepEqual(notified, ["00"]);
});

test("disconnect: the link ends with the reason that was set, and the device is free again", async () => {
  const { request, ended, device } = connectCentral(virtualClock(), { faults: ["disconnect:at=request,reason=08"] });
  await request(REQUEST_INFO);
  assert.deepEqual(ended, [LINK_LOST]);
  assert.equal(device.isConnected(), false);
});

test("short-link and idle-cut: the device ends the link after its time, idle-cut only without requests", async () => {
  const clock = virtualClock();
  const short = connectCentral(clock, { faults: ["short-link:ms=300"] });
  await clock.sleep(310);
  assert.deepEqual(short.ended, [ENDED_BY_PERIPHERAL]);

  const idle = connectCentral(clock, { faults: ["idle-cut:ms=8000"] });
  for (let i = 0; i < 3; i++) await idle.request(REQUEST_MODEL, 7_900);
  assert.deepEqual(idle.ended, []);
  await clock.sleep(200);
  assert.deepEqual(idle.ended, [ENDED_BY_PERIPHERAL]);
});

test("out-of-range: invisible at once, the link lost after its supervision timeout, back when the fault is removed", async () => {
  const clock = virtualClock();
  const { simulator, device, ended } = connectCentral(clock, {});
  simulator.set("all", "out-of-range:for=6000");
  await clock.sleep(3_900);
  assert.deepEqual(ended, []);
  await clock.sleep(200);
  assert.deepEqual(ended, [LINK_LOST]);
  assert.equal(device.advertisement(), undefined);
  await clock.sleep(2_000);
  assert.notEqual(device.advertisement(), undefined);
});

test("occupied: a device is invisible once its link has ended", () => {
  const { device, link } = connectCentral(virtualClock(), { faults: ["occupied"] });
  link.close();
  assert.equal(device.advertisement(), undefined);
});

test("refuse-connect: the set number of connections fails, then one succeeds", () => {
  const { device, link, simulator } = connectCentral(virtualClock());
  link.close();
  simulator.set("all", "refuse-connect:times=2");
  const central = { notified() {}, disconnected() {} };
  for (let i = 0; i < 2; i++)
    assert.throws(() => device.connect(central), { name: "ConnectRefused", reason: NOT_ESTABLISHED });
  device.connect(central);
});

test("locked: nothing is answered before the password, everything after it", async () => {
  const { request, device } = connectCentral(virtualClock(), { faults: ["locked:pin=123412"] });
  assert.deepEqual(await request(REQUEST_INFO), []);
  assert.deepEqual(await request("ffaa15063030303030303b"), ["ffaa15010016"]);
  assert.deepEqual(await request("ffaa15063030303030313c"), ["ffaa15010117"]);
  const givePassword = async (password: string) => {
    const [answer = ""] = await request("ffaa170017");
    const secret = mixPassword(password, device.address, Number.parseInt(answer.slice(8, 10), 16));
    const summed = [0x18, 6, ...secret];
    return request(Buffer.from([0xff, 0xaa, ...summed, summed.reduce((a, b) => a + b) & 0xff]).toString("hex"));
  };
  assert.deepEqual(await givePassword("000000"), ["ffaa1801011a"]);
  assert.deepEqual(await request(REQUEST_INFO), []);
  assert.deepEqual(await givePassword("123412"), ["ffaa18010019"]);
  assert.match((await request(REQUEST_INFO))[0] ?? "", /^dd0300/);
});

test("pairing-needed: reads, writes and subscriptions are refused", async () => {
  const { link, simulator } = connectCentral(virtualClock());
  simulator.set("all", "pairing-needed");
  link.subscribe("ff01", false);
  assert.throws(() => link.subscribe("ff01", true), { name: "AttError", code: 5 });
  assert.throws(() => link.write("ff02", Buffer.from(REQUEST_INFO, "hex")), { name: "AttError", code: 5 });
  await assert.rejects(link.read("ff01"), { name: "AttError", code: 5 });
});

test("tear: what is read is half old, half new", async () => {
  const clock = virtualClock();
  const { link, simulator, records } = connectCentral(clock, { kind: "v1" });
  simulator.set("all", "tear:at=22");
  const uuid = "7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c";
  const before = await link.read(uuid);
  await clock.sleep(60_000);
  const torn = await link.read(uuid);
  assert.deepEqual(torn.subarray(0, 22), before.subarray(0, 22));
  assert.notDeepEqual(torn.subarray(22), before.subarray(22));
  assert.deepEqual(
    records.map(({ fault }) => fault),
    [undefined, "tear"],
  );
});

test("a read that is refused fails, one that is lost stays open until the link ends", async () => {
  const refused = connectCentral(virtualClock(), { kind: "v2", faults: ["refuse"] });
  const uuid = "ec7c0001-2c7b-1539-172f-29d041beab3e";
  await assert.rejects(refused.link.read(uuid), { name: "AttError" });
  const clock = virtualClock();
  const lost = connectCentral(clock, { kind: "v2", faults: ["silence"] });
  const reading = lost.link.read(uuid);
  void clock.sleep(30_000).then(() => lost.link.close());
  await assert.rejects(reading, { name: "LinkEnded" });
});

const WRONG: readonly [spec: string, message: RegExp][] = [
  ["", /no fault ""/],
  ["lose", /no fault "lose": choose one of silence, /],
  ["toString", /no fault "toString"/],
  ["delay:ms", /no setting "ms": write NAME=VALUE/],
  ["delay:s=1", /no setting "s=1": write NAME=VALUE with one of register, skip, times, every, chance, for, ms/],
  ["delay:ms=soon", /ms must be a number, not "soon"/],
  ["silence:every=0", /every must be at least 1/],
];
for (const [spec, message] of WRONG) {
  test(`"${spec}" is rejected with a reason`, () => {
    assert.throws(() => parseFault(spec, faultsOf(familyOf("jbd4")), Math.random), { name: "RangeError", message });
  });
}

for (const family of FAMILIES) {
  test(`${family.name}: every fault can be set without settings and removed again, on a link`, async () => {
    for (const word of Object.keys(faultsOf(family))) {
      const { simulator, device, link } = connectCentral(virtualClock(), { kind: family.kinds[0] });
      simulator.set("all", word);
      assert.deepEqual(
        device.layers().map(({ spec }) => spec),
        [word],
      );
      simulator.clear("all", word);
      assert.deepEqual(device.layers(), [], word);
      link.close();
    }
  });
}

test("a monitor answers as before after any fault", async () => {
  for (const word of Object.keys(faultsOf(familyOf("v1")))) {
    const { simulator, link } = connectCentral(virtualClock(), { kind: "v1" });
    simulator.set("all", word);
    simulator.clear("all", word);
    assert.equal((await link.read("7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c")).length, 52, word);
  }
});

test("a fault of one family is set on its devices alone, and refused where none of the named can have it", () => {
  const devices = usualDevices({ jbd: 1, thornwave: 1 });
  const simulator = createSimulator({ clock: virtualClock(), seed: "1", devices, onAnswer() {} });
  simulator.set("all", "stray-zero");
  assert.deepEqual(
    simulator.devices.map((device) => device.layers().length),
    [1, 0],
  );
  assert.throws(() => simulator.set("C0:00:00:00:00:01", "stray-zero"), { message: /no fault "stray-zero"/ });
  assert.throws(() => simulator.set("all", "fire"), { message: /no fault "fire"/ });
});
