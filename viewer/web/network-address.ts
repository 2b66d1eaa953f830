import { BlockList, isIP, isIPv4 } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** True for an address that only programs of this machine reach. */
export function isLoopback(address: string): boolean {
  const plain = unmapped(address);
  return isIP(plain) !== 0 && LOOPBACK.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
}

/** The key under which a client's connections and mistakes are counted: an IPv4 address, or an IPv6 network of 64 bits. */
export function clientKey(address: string): string {
  const plain = unmapped(address);
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("%")[0]?.split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill("0"), ...after].slice(0, 4).join(":");
}

/** `127.0.0.1` for `::ffff:127.0.0.1`, as which a socket for both families reports it. */
function unmapped(address: string): string {
  const mapped = address.replace(/^::ffff:/i, "");
  return isIPv4(mapped) ? mapped : address;
}
