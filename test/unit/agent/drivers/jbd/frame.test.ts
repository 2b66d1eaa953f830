import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createAssembler } from "../../../../../agent/codec/assembler.ts";
import {
  decodeReply,
  decodeRequest,
  encodeReadRequest,
  encodeReply,
  jbdFraming,
  refusal,
} from "../../../../../agent/drivers/jbd/frame.ts";
import {
  decodeModuleFrame,
  encodeModuleFrame,
  mixPassword,
  moduleFraming,
} from "../../../../../agent/drivers/jbd/module-frame.ts";

/** Published frames of registers and commands that no driver asks for. */
interface Published {
  readonly name: string;
  readonly hex: string;
  readonly protocol: "jbd" | "module";
  readonly request?: { readonly write: boolean; readonly register: number; readonly data: string };
  readonly reply?: { readonly register: number; readonly status: number; readonly payload: string };
  readonly module?: { readonly command: number; readonly data: string };
  readonly fault?: "checksum" | "truncated";
}
const PUBLISHED = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../../fixtures/frames/jbd.json"), "utf8"),
) as Published[];

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** The one frame in these bytes, or what is wrong with them. */
function framed({ hex, protocol }: Published): Uint8Array | string {
  const assembler = createAssembler(protocol === "jbd" ? jbdFraming : moduleFraming);
  const [found] = assembler.push(bytesOf(hex));
  if (!found) return "truncated";
  return found.kind === "frame" ? found.bytes : found.fault;
}

describe("published frames", () => {
  for (const frame of PUBLISHED) {
    test(frame.name, () => {
      if (frame.fault) assert.equal(framed(frame), frame.fault);
      else assert.equal(hexOf(framed(frame) as Uint8Array), frame.hex);
      if (frame.request) {
        const { data, ...request } = frame.request;
        assert.deepEqual(decodeRequest(bytesOf(frame.hex)), { ...request, data: bytesOf(data) });
        if (!request.write && data === "") assert.equal(hexOf(encodeReadRequest(request.register)), frame.hex);
      }
      if (frame.reply) {
        const reply = { ...frame.reply, payload: bytesOf(frame.reply.payload) };
        assert.deepEqual(decodeReply(bytesOf(frame.hex)), reply);
        assert.equal(hexOf(encodeReply(reply)), frame.hex);
      }
      if (frame.module) {
        const module = { ...frame.module, data: bytesOf(frame.module.data) };
        assert.deepEqual(decodeModuleFrame(bytesOf(frame.hex)), module);
        assert.equal(hexOf(encodeModuleFrame(module)), frame.hex);
      }
    });
  }
});

describe("requests", () => {
  for (const [about, hex] of [
    ["a reply", "dd0400080d660d610d680d59fe3c77"],
    ["a wrong checksum", "dda50300fffe77"],
    ["a missing end", "dda50300fffd"],
    ["two in one", "dda50300fffd77dda50300fffd77"],
    ["nothing", ""],
  ] as const) {
    test(`${about} is none`, () => assert.equal(decodeRequest(bytesOf(hex)), undefined));
  }
});

describe("refusals", () => {
  for (const [status, fault, meaning] of [
    [0x80, "refused", /does not know this register/],
    [0x81, "refused", /mode/],
    [0x82, "checksum", /damaged/],
    [0x83, "refused", /password/],
    [0x42, "refused", /0x42/],
  ] as const) {
    test(`status 0x${status.toString(16)} has its reason`, () => {
      const error = refusal({ register: 3, status, payload: new Uint8Array() });
      assert.equal(error.fault, fault);
      assert.match(error.message, meaning);
    });
  }
});

describe("passwords", () => {
  const [FIRST, SECOND] = ["A4:C1:37:04:2D:BE", "10:A5:62:32:75:36"];
  for (const [address, challenge, password, mixed] of [
    [FIRST, 0x62, "000000", "f65369967ff0"],
    [FIRST, 0x21, "111111", "b61127563db0"],
    [FIRST, 0x61, "123412", "f65465917ded"],
    [FIRST, 0x37, "123123", "cc2a3b6c56c4"],
    [SECOND, 0x24, "123456", "45bb752a6424"],
    [SECOND, 0x45, "123456", "66dc964b8545"],
  ] as const) {
    test(`${password} for ${address}, mixed with ${challenge.toString(16)}, as captured`, () => {
      assert.equal(hexOf(mixPassword(password, address, challenge)), mixed);
    });
  }

  test("two captures of a longer password, mixed with other challenges, are of one text", () => {
    const captured = [
      [0x61, "4fe4d4c7ba2fd8c582a18493919394"],
      [0x37, "25baaa9d9005ae9b58775a6967696a"],
    ] as const;
    const [first = "", second] = captured.map(([challenge, mixed]) => {
      const mac = [...bytesOf(FIRST.replaceAll(":", "")), ...Array(9).fill(0)];
      return String.fromCharCode(...bytesOf(mixed).map((byte, i) => ((byte - challenge) & 0xff) ^ mac[i]));
    });
    assert.equal(first, second);
    for (const [challenge, mixed] of captured) assert.equal(hexOf(mixPassword(first, FIRST, challenge)), mixed);
  });
});
