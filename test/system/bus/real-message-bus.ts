import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BusClient, connectBus, daemonCall } from "../../support/dbus/bus-client.ts";
import { Refusal, type Service, type ServiceBus } from "../../support/dbus/message-bus.ts";
import { until } from "../../support/until.ts";

/** A real dbus-daemon with Debian's policy for the system bus, on its own socket, and a service on it. */
export interface RealMessageBus extends ServiceBus {
  readonly socket: string;
  /** Resolves once the service owns its name. */
  owned(): Promise<void>;
}

/** Debian's, word for word; no part of it is written here. */
const SYSTEM_POLICY = "/usr/share/dbus-1/system.conf";
/** bluez 5.66-1 of Debian 12, /usr/share/dbus-1/system.d/bluetooth.conf without its comments. */
const BLUETOOTH_POLICY = `
  <policy user="root">
    <allow own="org.bluez"/>
    <allow send_destination="org.bluez"/>
    <allow send_interface="org.bluez.AdvertisementMonitor1"/>
    <allow send_interface="org.bluez.Agent1"/>
    <allow send_interface="org.bluez.MediaEndpoint1"/>
    <allow send_interface="org.bluez.MediaPlayer1"/>
    <allow send_interface="org.bluez.Profile1"/>
    <allow send_interface="org.bluez.GattCharacteristic1"/>
    <allow send_interface="org.bluez.GattDescriptor1"/>
    <allow send_interface="org.bluez.LEAdvertisement1"/>
    <allow send_interface="org.freedesktop.DBus.ObjectManager"/>
    <allow send_interface="org.freedesktop.DBus.Properties"/>
    <allow send_interface="org.mpris.MediaPlayer2.Player"/>
  </policy>
  <policy group="bluetooth">
    <allow send_destination="org.bluez"/>
  </policy>
  <policy context="default">
    <allow send_destination="org.bluez"/>
  </policy>`;

/** `further`: policies of files that are read after bluez's. */
export async function startMessageBus(further = ""): Promise<RealMessageBus> {
  const folder = mkdtempSync(join(tmpdir(), "bms-bus-"));
  chmodSync(folder, 0o755);
  const socket = join(folder, "bus");
  writeFileSync(join(folder, "bus.conf"), configuration(socket, further));
  const daemon = spawn("dbus-daemon", [`--config-file=${folder}/bus.conf`, "--nofork", "--nopidfile"], {
    // It writes a line for every message that the policy refuses.
    stdio: "ignore",
  });
  await until("the socket of dbus-daemon", async () => {
    (await connectBus(socket)).close();
    return true;
  });
  let served: Promise<BusClient> | undefined;

  return {
    address: `unix:path=${socket}`,
    socket,
    own(service) {
      void served?.then((client) => client.close());
      served = service && serve(service, socket);
    },
    owned: async () => void (await served),
    signal(path, from, member, signature, body) {
      void served?.then((client) => client.send({ kind: "signal", path, interface: from, member, signature, body }));
    },
    async call(destination, call) {
      if (!served) throw new Error("there is no service on the bus");
      return (await served).call({ ...call, destination });
    },
    async close() {
      await ended(daemon);
      rmSync(folder, { recursive: true });
    },
  };
}

/** The policies in a configuration of dbus-daemon, or in a document with one. */
export function policiesIn(text: string): string {
  return (text.match(/<policy[\s\S]*?<\/policy>/g) ?? []).join("\n  ");
}

function configuration(socket: string, further: string): string {
  const policies = policiesIn(readFileSync(SYSTEM_POLICY, "utf8"));
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path=${socket}</listen>
  ${policies}
  ${BLUETOOTH_POLICY}
  ${further}
</busconfig>
`;
}

async function ended(daemon: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => daemon.once("close", resolve));
  daemon.kill();
  await gone;
}

/** Puts the service on the bus as a program of this user. */
async function serve(service: Service, socket: string): Promise<BusClient> {
  const client = await connectBus(socket);
  client.onMessage((message) => {
    const [name, , after] = message.body ?? [];
    if (message.member === "NameOwnerChanged" && after === "") service.left?.(String(name));
    if (message.kind === "call") void answer(message);
  });
  async function answer(call: Parameters<Service["handle"]>[0]) {
    const to = { destination: call.sender ?? "", replySerial: call.serial };
    try {
      const reply = await service.handle(call, call.sender ?? "");
      if (reply) client.send({ kind: "return", ...to, ...reply });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      client.send({ kind: "error", ...to, errorName: error.errorName, signature: "s", body: [error.message] });
    }
  }
  await client.call(daemonCall("AddMatch", "s", ["type='signal',member='NameOwnerChanged'"]));
  const { body, kind } = await client.call(daemonCall("RequestName", "su", [service.name, 0]));
  if (kind !== "return" || body?.[0] !== 1) throw new Error(`the bus refuses the name ${service.name}`);
  return client;
}
