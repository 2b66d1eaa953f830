import { setTimeout as sleep } from "node:timers/promises";
import { type BusClient, connectBus, daemonCall } from "../../support/dbus/bus-client.ts";
import { type BusMessage, encodeMessage, propertiesChanged, v } from "../../support/dbus/message.ts";
import { type Attempt, Breach } from "./attempt.ts";

const OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager";
const CHARACTERISTIC = "org.bluez.GattCharacteristic1";
const DEVICE = "org.bluez.Device1";
const ADAPTER = "org.bluez.Adapter1";

type Forged = Omit<BusMessage, "serial" | "destination">;
type Objects = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const signal = (path: string, from: string, member: string, signature: string, body: readonly unknown[]): Forged => ({
  kind: "signal",
  path,
  interface: from,
  member,
  signature,
  body,
});

/** A frame of a JBD pack with a right checksum; the voltage is 99.99 V, which no pack of the tests has. */
export function falseFrame(register: number): Buffer {
  const data = Buffer.alloc(register === 3 ? 27 : 32, 1);
  data.writeUInt16BE(9_999, 0);
  if (register === 3) data[22] = 2;
  const counted = Buffer.concat([Buffer.from([0, data.length]), data]);
  const sum = counted.reduce((total, byte) => total + byte, 0);
  const end = Buffer.from([0, 0, 0x77]);
  end.writeUInt16BE((0x1_0000 - sum) & 0xffff, 0);
  return Buffer.concat([Buffer.from([0xdd, register]), counted, end]);
}

/** Everything that every user may send on a system bus with Debian's policy, and what he may not. */
export function busAttempts(socket: string, secondsEach: number): Attempt[] {
  /** Sends to all programs on the bus, `perSecond` rounds. */
  const forged = (name: string, perSecond: number, messages: (objects: Objects) => readonly Forged[]): Attempt => ({
    name,
    run: () => withBus(socket, (client) => sendRounds(client, secondsEach, perSecond, messages)),
  });
  const ofEach = (name: string, forge: (path: string) => Forged) => (objects: Objects) =>
    pathsWith(objects, name).map(forge);
  let invented = 0;

  return [
    forged("forges values of characteristics", 20, (objects) =>
      [3, 4].flatMap((register) =>
        pathsWith(objects, CHARACTERISTIC).map((path) =>
          propertiesChanged(path, CHARACTERISTIC, { Value: v("ay", falseFrame(register)) }),
        ),
      ),
    ),
    forged(
      "forges the loss of links",
      10,
      ofEach(DEVICE, (path) => propertiesChanged(path, DEVICE, { Connected: v("b", false) })),
    ),
    forged(
      "forges an adapter that is off",
      10,
      ofEach(ADAPTER, (path) => propertiesChanged(path, ADAPTER, { Powered: v("b", false) })),
    ),
    forged(
      "forges the removal of devices",
      10,
      ofEach(DEVICE, (path) => signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [path, [DEVICE]])),
    ),
    forged("forges the end of bluetoothd", 10, () => [
      signal("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", "sss", ["org.bluez", ":1.1", ""]),
    ]),
    forged("forges another owner of org.bluez", 10, () => [
      signal("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged", "sss", ["org.bluez", "", ":1.999"]),
    ]),
    forged("invents devices of 4 kB", 5, (objects) => {
      const [adapter = "/org/bluez/hci0"] = pathsWith(objects, ADAPTER);
      return Array.from({ length: 20 }, () => {
        invented += 1;
        const path = `${adapter}/dev_66_66_66_${invented.toString(16).padStart(6, "0").match(/../g)?.join("_")}`;
        const device = { Address: v("s", "66:66:66:66:66:66"), Name: v("s", "x".repeat(4_000)), RSSI: v("n", -1) };
        return signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, { [DEVICE]: device }]);
      });
    }),
    forged("answers calls of others by signals with the serial of a reply", 1, () =>
      Array.from({ length: 500 }, (_, at) => ({
        ...signal("/", OBJECT_MANAGER, "InterfacesAdded", "s", ["forged"]),
        replySerial: at + 1,
      })),
    ),
    forged("answers calls of others by replies", 1, () =>
      Array.from({ length: 200 }, (_, at) => ({
        kind: "return" as const,
        replySerial: at + 1,
        signature: "s",
        body: ["forged"],
      })),
    ),
    forged("sends signals of 2 MiB", 1, () => [signal("/", "org.example.I", "Huge", "ay", [Buffer.alloc(2 ** 21)])]),
    forged("sends a signal with a path of 1 MiB", 1, () => [
      signal(`/${"x".repeat(2 ** 20)}`, "org.example.I", "Long", "", []),
    ]),
    forged("sends a file descriptor that is not there", 2, () => [signal("/", "org.example.I", "Missing", "h", [0])]),
    {
      name: "asks the pairing agents for passkeys",
      run: () =>
        withBus(socket, async (client) => {
          const objects = await objectsOf(client);
          const [device = "/org/bluez/hci0/dev_66_66_66_66_66_66"] = pathsWith(objects, DEVICE);
          const agent = { path: "/bms/agent", interface: "org.bluez.Agent1", member: "RequestPasskey" };
          return await refusals(client, (destination) => ({ ...agent, destination, signature: "o", body: [device] }));
        }),
    },
    { name: "commands bluetoothd", run: () => commands(socket) },
    {
      name: "claims org.bluez",
      run: () => refusedByBus(socket, daemonCall("RequestName", "su", ["org.bluez", 7])),
    },
    {
      name: "monitors the bus",
      run: () =>
        refusedByBus(socket, {
          ...daemonCall("BecomeMonitor", "asu", [[], 0]),
          interface: "org.freedesktop.DBus.Monitoring",
        }),
    },
    { name: "floods every program with small signals", run: () => flood(socket, secondsEach) },
    { name: "opens 300 connections to the bus", run: () => occupy(socket, secondsEach) },
  ];
}

/** Sends the messages to every program, round after round. They are made anew each second, for the programs of that time. */
async function sendRounds(
  client: BusClient,
  seconds: number,
  perSecond: number,
  messages: (objects: Objects) => readonly Forged[],
): Promise<string> {
  const objects = await objectsOf(client);
  const until = performance.now() + seconds * 1_000;
  let sent = 0;
  let victims: readonly string[] = [];
  while (performance.now() < until && !client.ended.aborted) {
    victims = await programs(client);
    const forged = victims.flatMap((destination) =>
      messages(objects).map((message) => encodeMessage({ ...message, destination, serial: 1 })),
    );
    for (let round = 0; round < perSecond && performance.now() < until; round++) {
      for (const message of forged) client.write(message);
      sent += forged.length;
      await client.drained();
      await sleep(1_000 / perSecond);
    }
  }
  return `${sent} sent to ${victims.length} programs${client.ended.aborted ? "; the bus closed the connection" : ""}`;
}

/** The errors with which the programs refuse a call. @throws {Breach} where one answers it */
async function refusals(client: BusClient, call: (to: string) => Parameters<BusClient["call"]>[0]): Promise<string> {
  const errors = new Set<string>();
  for (const destination of await programs(client)) {
    const answer = await Promise.race([client.call(call(destination)), sleep(1_000, undefined)]);
    if (answer?.kind === "return") throw new Breach(`${destination} answers ${answer.body}`);
    errors.add(answer ? String(answer.errorName) : "no answer");
  }
  return [...errors].join(", ");
}

/** Debian's policy allows it. For a device that is not there, as it would end the links of all others. */
async function commands(socket: string): Promise<string> {
  return await withBus(socket, async (client) => {
    const path = "/org/bluez/hci0/dev_66_66_66_66_66_66";
    const call = { destination: "org.bluez", path, interface: DEVICE, member: "Disconnect" };
    const { kind, errorName } = await client.call(call);
    return kind === "return" ? "allowed" : String(errorName);
  });
}

async function refusedByBus(socket: string, call: Parameters<BusClient["call"]>[0]): Promise<string> {
  return await withBus(socket, async (client) => {
    const { kind, errorName, body } = await client.call(call);
    if (kind === "return") throw new Breach(`the bus answers ${body}`);
    return String(errorName);
  });
}

async function flood(socket: string, seconds: number): Promise<string> {
  return await withBus(socket, async (client) => {
    const until = performance.now() + seconds * 1_000;
    let sent = 0;
    while (performance.now() < until && !client.ended.aborted) {
      for (const destination of await programs(client)) {
        const message = encodeMessage({ ...propertiesChanged("/org/bluez", DEVICE, {}), destination, serial: 1 });
        const hundred = Buffer.concat(Array(100).fill(message));
        client.write(hundred);
        sent += 100;
        await client.drained();
      }
    }
    return `${sent} sent`;
  });
}

async function occupy(socket: string, seconds: number): Promise<string> {
  const clients: BusClient[] = [];
  let why = "";
  while (clients.length < 300 && why === "") {
    await connectBus(socket).then(
      (client) => clients.push(client),
      (error: Error) => {
        why = error.message.trim();
      },
    );
  }
  await sleep(seconds * 1_000);
  for (const client of clients) client.close();
  return `${clients.length} opened${why && `, then: ${why}`}`;
}

async function withBus<T>(socket: string, use: (client: BusClient) => Promise<T>): Promise<T> {
  const client = await connectBus(socket);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** Unique names of all other programs on the bus. */
async function programs(client: BusClient): Promise<string[]> {
  const [names] = (await client.call(daemonCall("ListNames", "", []))).body ?? [];
  return (names as string[]).filter((name) => name.startsWith(":") && name !== client.name);
}

/** The objects of bluetoothd, which every user may read; empty while it is away. */
async function objectsOf(client: BusClient): Promise<Objects> {
  const call = { destination: "org.bluez", path: "/", interface: OBJECT_MANAGER, member: "GetManagedObjects" };
  const { kind, body } = await client.call(call);
  return kind === "return" ? ((body?.[0] ?? {}) as Objects) : {};
}

function pathsWith(objects: Objects, name: string): string[] {
  return Object.keys(objects).filter((path) => objects[path]?.[name] !== undefined);
}
