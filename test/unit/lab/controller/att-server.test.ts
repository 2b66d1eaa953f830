import assert from "node:assert/strict";
import { test } from "node:test";
import { AttError, LinkEnded, type PeripheralLink, UNLIKELY_ERROR } from "../../../../simulator/peripheral.ts";
import { type AttServerOptions, attServer } from "../../../system/lab/controller/att-server.ts";
import { gattTable } from "../../../system/lab/controller/gatt-table.ts";

/** Handles: 1-3 generic access, 4 generic attribute, 5-11 the pack's. */
const TABLE = gattTable("pack", [
  {
    uuid: "ff00",
    characteristics: [
      { uuid: "ff01", properties: ["read", "notify"] },
      { uuid: "ff02", properties: ["write", "writeWithoutResponse"] },
    ],
  },
]);
const VALUE = Uint8Array.from({ length: 52 }, (_, i) => i);

function server(link: Partial<PeripheralLink> = {}, options: Partial<AttServerOptions> = {}) {
  const sent: string[] = [];
  const calls: string[] = [];
  const att = attServer({
    table: TABLE,
    link: {
      read: async () => VALUE,
      write: (characteristic, bytes) => calls.push(`write ${characteristic} ${Buffer.from(bytes).toString("hex")}`),
      subscribe: (characteristic, on) => calls.push(`subscribe ${characteristic} ${on}`),
      close: () => {},
      ...link,
    },
    mtu: 185,
    mustPair: () => false,
    respond: (pdu) => sent.push(pdu.toString("hex")),
    notify: (pdu) => sent.push(pdu.toString("hex")),
    subscribed: () => calls.push("subscribed"),
    ...options,
  });
  return { att, sent, calls };
}

const exchanges: [about: string, request: string, response: string][] = [
  ["the MTU is the smaller of both", "02b900", "03b900"],
  ["services of one length", "100100ffff0028", "1106 0100 0300 0018 0400 0400 0118 0500 0a00 00ff"],
  ["no service after the last", "100b00ffff0028", "01100b000a"],
  ["another kind of group is not found", "100100ffff0128", "011001000a"],
  ["characteristics of a service", "080500ffff0328", "0907 0600 12 0700 01ff 0900 0c 0a00 02ff"],
  ["descriptors", "0408000800", "0501 0800 0229"],
  ["a service by its value", "060100ffff002800ff", "0705000a00"],
  ["a fixed value", "0a0300", "0b7061636b"],
  ["an unknown handle", "0a6300", "010a630001"],
  ["a handle that cannot be read", "0a0a00", "010a0a0002"],
  ["a handle that cannot be written", "12030000", "0112030003"],
  ["an unknown request", "180100", "0118010006"],
  ["a request that is too short", "0a03", "010a000004"],
];

for (const [about, request, response] of exchanges) {
  test(`attribute protocol: ${about}`, async () => {
    const { att, sent } = server();
    await att.receive(Buffer.from(request, "hex"));
    assert.deepEqual(sent, [response.replaceAll(" ", "")]);
  });
}

test("all pieces of a long value come from one reading", async () => {
  let readings = 0;
  const { att, sent } = server({
    read: async () => {
      readings += 1;
      return VALUE;
    },
  });
  for (const request of ["0a0700", "0c07001600", "0c07002c00", "0c07003400"])
    await att.receive(Buffer.from(request, "hex"));
  assert.equal(sent.map((pdu) => pdu.slice(2)).join(""), Buffer.from(VALUE).toString("hex"));
  assert.deepEqual(
    sent.map((pdu) => pdu.slice(0, 2)),
    ["0b", "0d", "0d", "0d"],
  );
  assert.equal(readings, 1);
});

test("a client configuration reaches the device and is answered", async () => {
  const { att, sent, calls } = server();
  await att.receive(Buffer.from("1208000100", "hex"));
  await att.receive(Buffer.from("1208000000", "hex"));
  assert.deepEqual(sent, ["13", "13"]);
  assert.deepEqual(calls, ["subscribe ff01 true", "subscribed", "subscribe ff01 false"]);
});

test("a client configuration is read by its handle and by its type", async () => {
  const { att, sent } = server();
  for (const request of ["0a0800", "1208000100", "0a0800", "0806000a000229"]) {
    await att.receive(Buffer.from(request, "hex"));
  }
  assert.deepEqual(sent, ["0b0000", "13", "0b0100", "090408000100"]);
});

test("a command is executed and never answered", async () => {
  const { att, sent, calls } = server();
  await att.receive(Buffer.from("520a00dda5", "hex"));
  await att.receive(Buffer.from("520300aa", "hex"));
  assert.deepEqual(calls, ["write ff02 dda5"]);
  assert.deepEqual(sent, []);
});

test("a device's refusal is answered with the handle", async () => {
  const { att, sent } = server({
    write: () => {
      throw new AttError(UNLIKELY_ERROR);
    },
  });
  await att.receive(Buffer.from("120a0001", "hex"));
  assert.deepEqual(sent, ["01120a000e"]);
});

test("a request is not answered when the link ends", async () => {
  const { att, sent } = server({ read: () => Promise.reject(new LinkEnded("over")) });
  await att.receive(Buffer.from("0a0700", "hex"));
  assert.deepEqual(sent, []);
});

test("a device that demands pairing refuses access, but can be discovered", async () => {
  const { att, sent, calls } = server({}, { mustPair: () => true });
  for (const request of ["0a0700", "1208000100", "120a0001", "0a0300"]) await att.receive(Buffer.from(request, "hex"));
  assert.deepEqual(sent, ["010a070005", "0112080005", "01120a0005", "0b7061636b"]);
  assert.deepEqual(calls, []);
});

test("a notification is cut to the agreed MTU", async () => {
  const { att, sent } = server();
  att.notify("ff01", VALUE);
  await att.receive(Buffer.from("02b900", "hex"));
  att.notify("ff01", VALUE);
  att.notify("ffff", VALUE);
  assert.deepEqual(
    sent.map((pdu) => pdu.length / 2),
    [23, 3, 55],
  );
});

test("of two characteristics with the same UUID, the one that notifies is the one in the notification", () => {
  const table = gattTable("board", [
    {
      uuid: "ffe0",
      characteristics: [
        { uuid: "ffe1", properties: ["writeWithoutResponse"] },
        { uuid: "ffe1", properties: ["notify"] },
      ],
    },
  ]);
  const { att, sent } = server({}, { table });
  att.notify("ffe1", Uint8Array.of(0xaa));
  assert.deepEqual(sent, ["1b0900aa"]);
});
