import assert from "node:assert/strict";
import { test } from "node:test";
import { switchMosfet } from "../../../../control/settings/switch-mosfet.ts";
import { memoryPack } from "../../../support/memory-pack.ts";
import { packWork } from "../../../support/pack-work.ts";

const LOCKED = 0x1000;

test("one MOSFET is switched, the other one stays, and the basic information must show it", async () => {
  const pack = memoryPack({});
  const work = packWork(pack);
  await switchMosfet("charge", false, work.deps);
  assert.deepEqual(pack.allowed, { charge: false, discharge: true });
  pack.sample = { ...pack.sample, protect: LOCKED };
  await switchMosfet("discharge", false, work.deps);
  assert.deepEqual(pack.allowed, { charge: false, discharge: false });
  await switchMosfet("charge", true, work.deps);
  assert.deepEqual(pack.allowed, { charge: true, discharge: false });
  assert.deepEqual(
    work.audit.map(({ before, after, found }) => [before[1], after[1], found?.[1]]),
    [
      [3, 2, 2],
      [2, 0, 0],
      [0, 1, 1],
    ],
  );
});

test("a MOSFET that a protection holds off is not locked by software when the other one is switched", async () => {
  const pack = memoryPack({});
  pack.allowed = { charge: false, discharge: true };
  await switchMosfet("discharge", false, packWork(pack).deps);
  assert.deepEqual(pack.allowed, { charge: true, discharge: false });
});

test("an acknowledgement without effect is a failure", async () => {
  const pack = memoryPack({});
  pack.fault = ({ op }) => (op === "switch" ? "ignored" : undefined);
  const work = packWork(pack);
  await assert.rejects(
    switchMosfet("charge", false, work.deps),
    /acknowledged charge off, and its .* does not show it/,
  );
  assert.deepEqual(
    work.audit.map(({ found }) => found?.[1]),
    [3],
  );
});

test("a protection that keeps it off is named", async () => {
  const pack = memoryPack({});
  pack.allowed = { charge: false, discharge: true };
  pack.sample = { ...pack.sample, protect: LOCKED | 1, ovp: 1 };
  pack.fault = ({ op }) => (op === "switch" ? "ignored" : undefined);
  await assert.rejects(switchMosfet("charge", true, packWork(pack).deps), /keeps it off: cell over-voltage protection/);
});

test("nothing is switched in a pack that does not report its MOSFETs", async () => {
  const pack = memoryPack({});
  pack.sample = {};
  const connect = pack.connect;
  pack.connect = async () => ({ ...(await connect()), poll: async () => ({ amps: 0 }) });
  await assert.rejects(switchMosfet("charge", false, packWork(pack).deps), /does not report/);
  assert.deepEqual(pack.requests, []);
});
