import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeThornwaveV1, decodeThornwaveV2 } from "../../../../agent/drivers/thornwave/value.ts";
import { isQuantity } from "../../../../common/model/quantities.ts";
import { virtualClock } from "../../../../common/runtime/clock.ts";
import { connectCentral } from "../../../support/simulated-central.ts";

const FORMATS = [
  {
    kind: "v1",
    uuid: "7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c",
    decode: decodeThornwaveV1,
    captured:
      "e0ff0fc847044e41b709dd3c97ca4e3f7a6a26417c010e426c7b0f00000000006d2e010000000000ff89060014c1e41559570b42",
  },
  {
    kind: "v2",
    uuid: "ec7c0001-2c7b-1539-172f-29d041beab3e",
    decode: decodeThornwaveV2,
    captured:
      "0008300223244cd56201010113d6704d41c4b661415f3e693ec02d3b40b23701010101010436a4020101010109d2f10642025fffff00",
  },
] as const;

for (const { kind, uuid, decode, captured } of FORMATS) {
  // Two words stand for an unknown runtime: the encoder writes ffff, the captured v2 value holds fffe.
  test(`${kind} starts with the captured value`, async () => {
    const value = await connectCentral(virtualClock(), { kind, latencyMs: 0 }).link.read(uuid);
    assert.equal(Buffer.from(value).toString("hex"), captured);
  });

  test(`${kind}: the log holds what a reader decodes, at any time`, async () => {
    const clock = virtualClock();
    const { link, records } = connectCentral(clock, { kind });
    for (let i = 0; i < 20; i++) {
      const value = await link.read(uuid);
      assert.equal(value.length, captured.length / 2);
      const decoded = Object.entries(decode(value)).filter(([name]) => isQuantity(name));
      const { register, sample } = records.at(-1) ?? {};
      assert.equal(register, kind);
      assert.deepEqual({ ...sample }, Object.fromEntries(decoded));
      await clock.sleep(37_000);
    }
  });

  test(`${kind}: power is voltage times current, the meters only rise, the current swings`, async () => {
    const clock = virtualClock();
    const { link, records } = connectCentral(clock, { kind });
    for (let i = 0; i < 60; i++) {
      await link.read(uuid);
      await clock.sleep(20_000);
    }
    const samples = records.map(({ sample }) => sample);
    for (const { volts = 0, amps = 0, watts = 0 } of samples) {
      assert.ok(Math.abs(volts * amps - watts) <= 1e-6 * Math.abs(watts), `${volts} V × ${amps} A is not ${watts} W`);
    }
    for (const meter of ["kwh", "ah"] as const) {
      const values = samples.map((sample) => sample[meter] ?? 0);
      assert.ok(
        values.every((value, i) => i === 0 || value >= (values[i - 1] ?? 0)),
        meter,
      );
      assert.ok((values.at(-1) ?? 0) > (values[0] ?? 0), meter);
    }
    const amps = samples.map((sample) => sample.amps ?? 0);
    assert.ok(Math.max(...amps) - Math.min(...amps) > 3, "the current swings");
    assert.equal(Math.min(...amps) < 0, kind === "v2");
    assert.ok(
      samples.every(({ percent = -1 }) => percent >= 0 && percent <= 100),
      "a percentage",
    );
  });

  test(`${kind}: there is nothing to write and nothing to subscribe to`, async () => {
    const { link } = connectCentral(virtualClock(), { kind });
    assert.throws(() => link.write(uuid, Uint8Array.of(1)), { name: "AttError", code: 6 });
    assert.throws(() => link.subscribe(uuid, true), { name: "AttError", code: 6 });
    await assert.rejects(link.read("ff01"), { name: "AttError", code: 10 });
  });
}
