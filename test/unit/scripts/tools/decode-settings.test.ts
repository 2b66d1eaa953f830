import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { encodeReply } from "../../../../agent/drivers/jbd/frame.ts";
import {
  codingOfGroups,
  decodeExchange,
  exchangesIn,
  type RecordedExchange,
} from "../../../../scripts/tools/decode-settings.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const FILE = join(import.meta.dirname, "../../../fixtures/jbd-settings/exchanges.json");

/** The fields of the file that state what the tool must print. */
interface Stated extends RecordedExchange {
  readonly operation?: "read" | "write";
  readonly register?: string;
  readonly answer: string | { readonly status?: string };
  readonly value?: Readonly<Record<string, unknown>>;
}

/** The file's own keys, as those of the table. */
const KEYS: Readonly<Record<string, string>> = { functions_bits: "functions", sensors_bits: "sensors" };
const TEXTS: Readonly<Record<string, string>> = { "0xA0": "manufacturer", "0xA1": "device_name", "0xA2": "barcode" };

function statedValues({ value = {}, register = "" }: Stated): Record<string, unknown> {
  const keyOf = (key: string) => (key === "text" ? TEXTS[register] : KEYS[key]) ?? key;
  return Object.fromEntries(Object.entries(value).map(([key, stated]) => [keyOf(key), stated]));
}

describe("recorded exchanges", () => {
  const exchanges = exchangesIn(FILE) as readonly Stated[];
  const codingOf = codingOfGroups(exchanges);

  for (const exchange of exchanges) {
    const { id, operation, request, reply, answer, register } = exchange;
    const status = typeof answer === "string" ? undefined : answer.status;
    test(`${id}: ${register ?? "module"}`, () => {
      const decoded = decodeExchange(exchange, codingOf(exchange));
      assert.equal(decoded.register, register ?? null);
      if (status !== undefined && status !== "ok") {
        assert.ok(!decoded.ok, "the answer is an error");
        return;
      }
      assert.ok(decoded.ok, "the exchange is sound");
      assert.equal(decoded.encoded, operation === "read" ? reply : request);
      if (exchange.value) assert.deepEqual(decoded.values, statedValues(exchange));
    });
  }
});

const exchange = (request: string, reply: string | null): RecordedExchange => ({ id: "x", group: "a", request, reply });
const replyOf = (register: number, data: readonly number[], status = 0) =>
  Buffer.from(encodeReply({ register, status, payload: Uint8Array.from(data) })).toString("hex");
const READ_0X24 = "dda52400ffdc77";

describe("exchanges without a value", () => {
  const cases: readonly (readonly [about: string, request: string, reply: string | null, error: RegExp])[] = [
    ["not allowed in this mode", READ_0X24, "dd248100ff7f77", /0x81/],
    ["a damaged request reached the pack", READ_0X24, replyOf(0x24, [], 0x82), /0x82/],
    ["a password is wanted", READ_0X24, replyOf(0x24, [], 0x83), /0x83/],
    ["a flipped bit", READ_0X24, "dd2400020e43ffae77", /checksum/],
    ["an acknowledgement with a wrong checksum", "dd5ae1020000ff1d77", "dde10000ffff77", /checksum/],
    ["a cut reply", READ_0X24, "dd2400020e42ff", /malformed/],
    ["a short status frame", READ_0X24, "dd8000000077", /malformed/],
    ["the reply to another request", READ_0X24, replyOf(0x25, [0x0d, 0xac]), /0x25/],
    ["a value of three bytes", READ_0X24, replyOf(0x24, [1, 2, 3]), /3 bytes/],
    ["a text without a length byte", "dda5a100ff5f77", replyOf(0xa1, [0x4a, 0x42, 0x44]), /length byte/],
    ["an echo", READ_0X24, READ_0X24, /came back/],
    ["a reading without an answer", READ_0X24, null, /no answer/],
    ["a damaged request", "dda52400ffdd77", "dd2400020e42ffae77", /request is damaged/],
    ["a refused app key", "ffaa15063030303030303b", "ffaa15010117", /refused/],
    ["a damaged module frame", "ffaa170017", "ffaa1701243d", /checksum/],
  ];
  for (const [about, request, reply, error] of cases) {
    test(about, () => {
      const decoded = decodeExchange(exchange(request, reply), { tenfold: false });
      assert.ok(!decoded.ok);
      assert.match(decoded.error, error);
    });
  }
});

test("the commands of the module keep their bytes: with data the request, without data the reply", () => {
  const encoded = (request: string, reply: string | null) => {
    const decoded = decodeExchange(exchange(request, reply), { tenfold: false });
    return decoded.ok && decoded.encoded;
  };
  assert.equal(encoded("ffaa170017", "ffaa1701243c"), "ffaa1701243c");
  assert.equal(encoded("ffaa15063030303030303b", "ffaa15010016"), "ffaa15063030303030303b");
});

test("a write that nobody answered is decoded all the same", () => {
  const decoded = decodeExchange(exchange("dd5a24020ea6ff2677", null), { tenfold: false });
  assert.deepEqual(decoded.ok && decoded.values, { cell_ov: 3.75 });
});

test("units and chip are those of the exchange's own group", () => {
  const tenfold = exchange("dda52d00ffd377", replyOf(0x2d, [0x10, 0x06]));
  const chip = exchange("dda50000000077", replyOf(0x00, [0x00, 0x03]));
  const capacity = exchange("dda51000fff077", replyOf(0x10, [0x18, 0x88]));
  const shortCircuit = exchange("dda53800ffc877", replyOf(0x38, [0x9e, 0x55]));
  const codingOf = codingOfGroups([tenfold, chip, capacity, shortCircuit]);
  const values = (of: RecordedExchange, group: string) => {
    const decoded = decodeExchange(of, codingOf({ ...of, group }));
    return decoded.ok && decoded.values;
  };
  assert.deepEqual(values(capacity, "a"), { capacity: 628 });
  assert.deepEqual(values(capacity, "b"), { capacity: 62.8 });
  assert.deepEqual(values(shortCircuit, "a"), { short_circuit: { raw: "0x9e" }, overcurrent2: { raw: "0x55" } });
});

describe("files", () => {
  const TOOL = join(import.meta.dirname, "../../../../scripts/tools/decode-settings.ts");
  const run = (file: string) => spawnSync(process.execPath, ["--import", "tsx", TOOL, file], { encoding: "utf8" });

  test("one line of JSON for each exchange", () => {
    const { status, stdout } = run(FILE);
    assert.equal(status, 0);
    const ids = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id);
    assert.deepEqual(
      ids,
      exchangesIn(FILE).map(({ id }) => id),
    );
  });

  test("a bad file is one line on stderr and exit status 2", async (t) => {
    const file = join(await temporaryFolder(t), "broken.json");
    writeFileSync(file, '{"exchanges": [\n');
    const { status, stdout, stderr } = run(file);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^[^\n]+\n$/);
  });

  test("a file of another form is an error", async (t) => {
    const folder = await temporaryFolder(t);
    const forms = ["[]", "null", '{"exchanges": {}}', '{"exchanges": [{"id": "x", "request": "dd5", "reply": null}]}'];
    for (const [i, form] of forms.entries()) {
      const file = join(folder, `${i}.json`);
      writeFileSync(file, form);
      assert.throws(() => exchangesIn(file), /exchange/);
    }
  });
});
