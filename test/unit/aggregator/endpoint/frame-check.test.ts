import assert from "node:assert/strict";
import { test } from "node:test";
import { createFrameCheck } from "../../../../aggregator/endpoint/frame-check.ts";
import { fc } from "../../../support/property.ts";

const GREETING = Buffer.alloc(64);
GREETING.set(Buffer.from("ff00000000000000017f03004e554c4c", "hex"));
const hex = (text: string) => Buffer.from(text, "hex");
const READY = hex("04050552454144");
const SHORT = Buffer.concat([hex("0003"), Buffer.alloc(3)]);
const LONG = Buffer.concat([hex("020000000000000100"), Buffer.alloc(256)]);
const SOUND = Buffer.concat([GREETING, READY, SHORT, LONG, SHORT]);

const FAULTS: [about: string, bytes: Buffer, fault: string | undefined][] = [
  ["messages of one frame", SOUND, undefined],
  ["HTTP", Buffer.from("GET / HTTP/1.1\r\n"), "connection"],
  ["ZMTP 2", Buffer.concat([hex("ff00000000000000017f01"), Buffer.alloc(60)]), "connection"],
  ["a first frame of several", Buffer.concat([SOUND, hex("0101")]), "frames"],
  ["a long first frame of several", Buffer.concat([SOUND, hex("03")]), "frames"],
  ["a frame of the longest length", Buffer.concat([SOUND, hex("0200000000000003e8")]), undefined],
  ["a frame of a byte more", Buffer.concat([SOUND, hex("0200000000000003e9")]), "oversize"],
  ["a frame of 2^64 - 1 bytes", Buffer.concat([SOUND, hex("02ffffffffffffffff")]), "oversize"],
  ["a long command", Buffer.concat([GREETING, hex("06ffffffffffffffff")]), "oversize"],
];

for (const [about, bytes, fault] of FAULTS) {
  test(`${about}, cut anywhere: ${fault ?? "passes"}`, () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const frames = createFrameCheck(1_000);
        const ends = [...cuts, bytes.length].sort((a, b) => a - b);
        const faults = ends.map((end, i) => frames.check(bytes.subarray(ends[i - 1] ?? 0, end)));
        assert.equal(faults.find(Boolean)?.kind, fault);
        if (fault === undefined) assert.ok(frames.messages >= 3);
      }),
    );
  });
}

const COUNTED: [about: string, frames: Buffer, count: number][] = [
  ["messages", Buffer.concat([SHORT, LONG]), 2],
  ["a subscription and its end as commands", Buffer.concat([command("SUBSCRIBE", "bms"), command("CANCEL", "bms")]), 2],
  ["subscriptions as long commands", Buffer.concat(Array(3).fill(longCommand("SUBSCRIBE", "bms"))), 3],
  ["properties and heartbeats", Buffer.concat([READY, command("PING", "\0\0abc"), command("PONG", "abc")]), 0],
  ["commands without a name", Buffer.concat([hex("0400"), hex("040100"), SHORT]), 1],
];

for (const [about, bytes, count] of COUNTED) {
  test(`${about}, cut anywhere, count ${count}`, () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const frames = createFrameCheck(1_000);
        frames.check(GREETING);
        const ends = [...cuts, bytes.length].sort((a, b) => a - b);
        ends.forEach((end, i) => void frames.check(bytes.subarray(ends[i - 1] ?? 0, end)));
        assert.equal(frames.messages, count);
      }),
    );
  });
}

/** A command of ZMTP: the length of its name, the name, its content. */
function command(name: string, content: string): Buffer {
  const body = Buffer.from(`${String.fromCharCode(name.length)}${name}${content}`);
  return Buffer.concat([Buffer.of(0x04, body.length), body]);
}

function longCommand(name: string, content: string): Buffer {
  const body = command(name, content).subarray(2);
  return Buffer.concat([hex("0600000000000000"), Buffer.of(body.length), body]);
}
