import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeReadRequest, encodeAnswer, encodeException } from "../../../../../agent/codec/modbus.ts";
import { MODBUS_DRIVERS } from "../../../../../agent/drivers/modbus/modbus.ts";
import { type Script, scriptedLink } from "../../../../support/scripted-link.ts";

const RENOGY = ["fff0", "ffd0"];
const ILLEGAL_REGISTER = 2;

/** A session of a driver with a device that answers as this unit; `data` is undefined for registers that it does not have. */
async function opened(
  driver: string,
  services: readonly string[],
  unit: number,
  data: (start: number, count: number) => Uint8Array | "silence" | undefined,
) {
  const script: Script = ({ bytes }) => {
    const range = decodeReadRequest(bytes);
    if (range?.unit !== unit) return [];
    const answer = data(range.start, range.count);
    if (answer === "silence") return [];
    return [{ bytes: answer ? encodeAnswer(unit, answer) : encodeException(unit, ILLEGAL_REGISTER) }];
  };
  const link = scriptedLink({ services }, script);
  const session = await MODBUS_DRIVERS.find(({ name }) => name === driver)?.open?.(link, {});
  assert.ok(session);
  return { session, link };
}

const zeros = (count: number) => new Uint8Array(2 * count);

test("a link without the services is unsupported, and the error names them", async () => {
  const link = scriptedLink({ services: ["ff00"] }, () => []);
  for (const driver of MODBUS_DRIVERS) {
    await assert.rejects(async () => driver.open?.(link, {}), {
      fault: "unsupported",
      message: new RegExp(`--driver ${driver.name}: it offers ff00`),
    });
  }
});

test("a newer board with other characteristics is reached", async () => {
  const { session } = await opened("eg4", ["1006"], 1, (_, count) => zeros(count));
  assert.equal((await session.poll()).volts, 0);
});

test("units are asked in turn, and the one that answers is remembered", async () => {
  const { session, link } = await opened("lipower", ["ffe0"], 0x08, (_, count) => zeros(count));
  await session.poll();
  await session.poll();
  const units = link.requests.filter(({ op }) => op === "write").map(({ hex }) => hex.slice(0, 2));
  assert.deepEqual(units, ["22", "22", "0b", "0b", "08", "08"]);
});

test("silence of all units is a timeout", async () => {
  const { session } = await opened("lipower", ["ffe0"], 0x08, () => "silence");
  await assert.rejects(session.poll(), { name: "RadioError", fault: "timeout" });
});

test("a refusal is final, and Renogy's other devices are explained", async () => {
  const { session, link } = await opened("renogy", RENOGY, 0x30, () => undefined);
  await assert.rejects(session.poll(), { fault: "refused", message: /exception 2: .*chargers.*is it a battery\?$/ });
  assert.equal(link.requests.filter(({ op }) => op === "write").length, 1);
  const gobel = await opened("gobel", ["00002760-08c2-11e1-9073-0e8ac72e1001"], 1, () => undefined);
  await assert.rejects(gobel.session.poll(), { fault: "refused", message: /registers$/ });
});

test("further registers that are not answered cost one request per poll, until they are", async () => {
  let hasCells = false;
  const { session, link } = await opened("renogy", RENOGY, 0x30, (start, count) =>
    start === 0x1388 && !hasCells ? "silence" : zeros(count),
  );
  const cellRequests = () => link.requests.filter(({ hex }) => hex.startsWith("30031388")).length;
  assert.equal((await session.poll()).cells, undefined);
  assert.equal(cellRequests(), 4);
  await session.poll();
  assert.equal(cellRequests(), 5);
  hasCells = true;
  assert.equal((await session.poll()).cells, 0);
});

test("MOSFETs that a board may not report are absent until one was on", async () => {
  let word = 0;
  const { session } = await opened("renogy", RENOGY, 0x30, (_, count) => {
    const data = zeros(count);
    data[13] = word;
    return data;
  });
  assert.equal((await session.poll()).fet, undefined);
  word = 0b110;
  assert.equal((await session.poll()).fet, 3);
  word = 0;
  assert.equal((await session.poll()).fet, 0);
});

test("what was read before the link was lost stays true", async () => {
  const { session, link } = await opened("renogy", RENOGY, 0x30, (start, count) => {
    if (start === 0x1388) link.cut();
    return start === 0x1388 ? "silence" : zeros(count);
  });
  assert.deepEqual(await session.poll(), { amps: 0, volts: 0, remain: 0, full: 0, cycles: 0, watts: 0 });
  await assert.rejects(session.poll(), { fault: "disconnected" });
});

test("a device that does not answer has no description", async () => {
  const { session } = await opened("gobel", ["00002760-08c2-11e1-9073-0e8ac72e1001"], 1, () => "silence");
  assert.deepEqual(await session.describe(), {});
});
