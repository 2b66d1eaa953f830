import assert from "node:assert/strict";
import { test } from "node:test";
import { ecoworthy } from "../../../../../agent/drivers/ecoworthy/ecoworthy.ts";
import { encodeRecord, formsOf, recordForms, recordFraming } from "../../../../../agent/drivers/ecoworthy/record.ts";
import { type Script, scriptedLink } from "../../../../support/scripted-link.ts";

const ADDRESS = "E2:E0:5A:78:3C:31";
const FORMS = recordForms(ADDRESS);
const SERVICES = ["fff0"];

/** One record of each kind and generation, with data of zeros. */
const RECORDS = FORMS.map((form) => ({
  form,
  bytes: encodeRecord(form, new Uint8Array(form.size - form.head.length - 2)),
}));
const ofGeneration = (wanted: string) => RECORDS.filter(({ form }) => form.generation === wanted);

test("each record has one form, and its framing finds its size", () => {
  const { starts, size, fault } = recordFraming(FORMS);
  for (const { form, bytes } of RECORDS) {
    assert.deepEqual(formsOf(FORMS, bytes), [form]);
    assert.ok(starts(bytes.subarray(0, 1)));
    assert.equal(size(bytes), bytes.length);
    assert.equal(fault(bytes), undefined);
    assert.equal(fault(bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte))), "checksum");
  }
  assert.equal(size(Uint8Array.of(0xe2)), undefined, "the pack or the cells");
});

test("a record of another device is none", () => {
  const [other] = recordForms("E2:E0:5A:78:3C:32").filter(({ generation }) => generation === "v2");
  assert.ok(other);
  assert.ok(!recordFraming(FORMS).starts(encodeRecord(other, new Uint8Array(0x44))));
});

test("a battery that pushes is sent nothing", async () => {
  const script: Script = ({ op }) => (op === "push" ? ofGeneration("v2").map(({ bytes }) => ({ bytes })) : []);
  const link = scriptedLink({ services: SERVICES, address: ADDRESS, link: ["push fff1"] }, script);
  const session = await ecoworthy.open?.(link, {});
  assert.equal((await session?.poll())?.volts, 0);
  assert.deepEqual(await session?.describe(), { cells: 0 });
  assert.deepEqual(
    link.requests.filter(({ op }) => op === "write"),
    [],
  );
});

test("a silent battery is started with two requests", async () => {
  const script: Script = ({ op }, nth) =>
    op === "write" && nth === 0 ? ofGeneration("v1").map(({ bytes }) => ({ bytes })) : [];
  const link = scriptedLink({ services: SERVICES, address: ADDRESS }, script);
  const session = await ecoworthy.open?.(link, {});
  assert.equal((await session?.poll())?.percent, 0);
  assert.deepEqual(
    link.requests.filter(({ op }) => op === "write").map(({ hex }) => hex),
    ["ff0802000b01006401ffffffffffffff002d", "ff0802000b01001401ffffffffffffff65ef"],
  );
});

test("a link without the service is unsupported", async () => {
  const link = scriptedLink({ services: ["ff00"] }, () => []);
  await assert.rejects(async () => ecoworthy.open?.(link, {}), {
    fault: "unsupported",
    message: /offers ff00, not fff0/,
  });
});
