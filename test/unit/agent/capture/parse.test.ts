import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRecording } from "../../../../agent/capture/parse.ts";
import { CaptureError } from "../../../../agent/capture/record.ts";

const CONNECT = '{"at":1000,"op":"connect","address":"A4:C1:37:00:00:01","addressType":"public","services":["ff00"]}';
const UUID = "7a95ce01-0ea8-1bcc-71a2-fc7539b81c9c";
const capture = (...lines: string[]) => `${[CONNECT, ...lines].join("\n")}\n`;

test("an action is grouped with what the device did before the next one", () => {
  const { exchanges, torn } = parseRecording(
    capture(
      '{"at":1010,"op":"subscribe","characteristic":"ff01"}',
      '{"at":1020,"op":"notify","characteristic":"ff01","hex":"00"}',
      '{"at":1100,"op":"write","characteristic":"ff02","hex":"DDA50300FFFD77"}',
      '{"at":1177,"op":"notify","characteristic":"ff01","hex":"dd03"}',
      '{"at":1180,"op":"notify","characteristic":"ff01","hex":"77"}',
      `{"at":1200,"op":"read","characteristic":"${UUID.toUpperCase()}","hex":""}`,
      '{"at":1300,"op":"disconnect"}',
    ),
  );
  assert.equal(torn, false);
  assert.deepEqual(
    exchanges.map(({ action, events }) => [
      action.op,
      ...events.map(({ afterMs, event }) => `${event.op} +${afterMs}`),
    ]),
    [["connect"], ["subscribe", "notify +10"], ["write", "notify +77", "notify +80"], ["read", "disconnect +100"]],
  );
  assert.deepEqual(exchanges[2]?.action, { at: 1100, op: "write", characteristic: "ff02", hex: "dda50300fffd77" });
  assert.deepEqual(exchanges[3]?.action, { at: 1200, op: "read", characteristic: UUID, hex: "" });
});

test("unknown keys, empty lines and a missing last line end are accepted", () => {
  const text = `\n${CONNECT}\r\n\n{"at":1001,"op":"disconnect","note":"by hand"}`;
  assert.deepEqual(
    parseRecording(text).exchanges.map(({ events }) => events.length),
    [1],
  );
});

test("a last line that was cut off is left out, and reported", () => {
  const whole = capture('{"at":1010,"op":"subscribe","characteristic":"ff01"}');
  for (const cut of [1, 2, 20, 40]) {
    const { exchanges, torn } = parseRecording(whole.slice(0, -1 - cut));
    assert.deepEqual([exchanges.length, torn], [1, true]);
  }
});

const ADVERTISE =
  '{"at":5,"op":"advertise","address":"D1:C7:00:00:00:01","name":"Shunt","services":[],"manufacturerData":{"02E1":"10"},"rssi":-60}\n';

test("advertisements need no link, and stand beside the exchanges of one", () => {
  const { exchanges, advertisements } = parseRecording(
    `${ADVERTISE}${CONNECT}\n${ADVERTISE.replace(',"rssi":-60', "")}`,
  );
  assert.equal(exchanges.length, 1);
  const first = { at: 5, op: "advertise", address: "D1:C7:00:00:00:01", name: "Shunt", services: [] };
  const manufacturerData = { "02e1": "10" };
  assert.deepEqual(advertisements, [
    { ...first, manufacturerData, rssi: -60 },
    { ...first, manufacturerData },
  ]);
});

const WRITE = { at: 1, op: "write", characteristic: "ff02", hex: "00" };
const line2 = (fields: object) => capture(JSON.stringify({ ...WRITE, ...fields }), '{"at":2000,"op":"disconnect"}');

for (const [about, text, message] of [
  ["nothing", "", /^the file is empty$/],
  ["empty lines", "\n\n", /^the file is empty$/],
  ["a text", "Dear maintainers,\nmy battery…\n", /^line 1: this is not JSON$/],
  [
    "a line in the middle that is cut",
    capture('{"at":10', '{"at":2000,"op":"disconnect"}'),
    /^line 2: this is not JSON$/,
  ],
  ["another JSON", '{"name":"bms"}\n', /^line 1: "op" must be one of connect, subscribe/],
  ["JSON that is not an object", "[1]\n", /^line 1: "op" must be/],
  ["a null", "null\n", /^line 1: this is not a JSON object$/],
  ["an unknown operation", line2({ op: "scan" }), /^line 2: "op" must be one of/],
  ["a property of Object.prototype as operation", line2({ op: "constructor" }), /^line 2: "op" must be one of/],
  ["no time", line2({ at: undefined }), /^line 2: "at" of write must be milliseconds/],
  ["a time in words", line2({ at: "12:00" }), /^line 2: "at" of write must be/],
  ["a negative time", line2({ at: -1 }), /^line 2: "at" of write must be/],
  ["a time that goes back", line2({ at: 999 }), /^line 2: "at" decreases from 1000 to 999$/],
  ["half a byte", line2({ at: 1001, hex: "0" }), /^line 2: "hex" of write must be pairs/],
  ["characters that are not digits", line2({ at: 1001, hex: "0g" }), /^line 2: "hex" of write must be pairs/],
  ["no bytes", line2({ at: 1001, hex: undefined }), /^line 2: "hex" of write must be pairs/],
  ["no characteristic", line2({ at: 1001, characteristic: undefined }), /^line 2: "characteristic" of write must be/],
  ["a UUID of odd length", line2({ at: 1001, characteristic: "ff0" }), /^line 2: "characteristic" of write must be/],
  ["a device without address", CONNECT.replace("A4:C1", "A4"), /^line 1: "address" of connect must be/],
  ["an unknown address type", CONNECT.replace("public", "secret"), /^line 1: "addressType" of connect/],
  ["services that are not a list", CONNECT.replace('["ff00"]', '"ff00"'), /^line 1: "services" of connect/],
  ["services that are not UUIDs", CONNECT.replace('["ff00"]', "[65280]"), /^line 1: "services" of connect/],
  [
    "an advertisement without a name",
    CONNECT.replace("}", ',"advertisement":{"services":[],"manufacturerData":{}}}'),
    /^line 1: "advertisement" of connect must be an object of/,
  ],
  [
    "manufacturer data that is not hexadecimal",
    CONNECT.replace("}", ',"advertisement":{"name":"","services":[],"manufacturerData":{"1":"0"}}}'),
    /^line 1: "advertisement" of connect/,
  ],
  [
    "a fault that does not exist",
    line2({ at: 1001, op: "read", error: "tired" }),
    /^line 2: "error" of read must be one of/,
  ],
  [
    "an advertised company that is not hexadecimal",
    ADVERTISE.replace("02E1", "737"),
    /^line 1: "manufacturerData" of advertise must be an object of hexadecimal digits by company/,
  ],
  ["half a byte advertised", ADVERTISE.replace('"10"', '"1"'), /^line 1: "manufacturerData" of advertise/],
  ["a broken signal strength", ADVERTISE.replace("-60", "-60.5"), /^line 1: "rssi" of advertise must be a whole/],
  ["a name that is not text", ADVERTISE.replace('"Shunt"', "7"), /^line 1: "name" of advertise must be a text/],
  ["a service that is not a UUID", line2({ at: 1001, service: "ff" }), /^line 2: "service" of write must be/],
  ["a write before any link", JSON.stringify(WRITE), /^line 1: "write" without a link/],
  [
    "a write after the link",
    capture('{"at":2000,"op":"disconnect"}', JSON.stringify(WRITE)),
    /^line 3: "write" without/,
  ],
] as const) {
  test(`a file with ${about} is not a capture, and the line is named`, () => {
    assert.throws(
      () => parseRecording(text),
      (error) => error instanceof CaptureError && message.test(error.message),
    );
  });
}
