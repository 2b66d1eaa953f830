import { createSocket } from "node:dgram";
import { once } from "node:events";
import { hostname, networkInterfaces } from "node:os";
import type { Interface } from "../setup/page-address.ts";

/** An address for documentation (RFC 5737), which lies behind the default route. */
const FAR_AWAY = "192.0.2.1";

/**
 * The address of this machine in the network by which it reaches others: that of the default route, as a machine has others
 * for containers and virtual machines. No packet is sent.
 */
export async function outgoingAddress(): Promise<string | undefined> {
  const socket = createSocket("udp4");
  try {
    socket.connect(9, FAR_AWAY);
    await once(socket, "connect");
    return socket.address().address;
  } catch {
    // A network without a router.
    return firstAddress(Object.values(networkInterfaces()).flat());
  } finally {
    socket.close();
  }
}

/** The first address at which other machines can reach this one: IPv4 first. */
export function firstAddress(interfaces: readonly Interface[]): string | undefined {
  const reachable = interfaces.filter((each) => each && !each.internal && !each.address.startsWith("fe80:"));
  const first = reachable.find((each) => each?.family === "IPv4") ?? reachable[0];
  return first?.address;
}

/** Names by which other machines may know this one: that of their DNS, and that of mDNS. */
export function ownNames(name = hostname()): readonly string[] {
  const [short = name] = name.split(".");
  return [...new Set([name, `${short}.local`])];
}
