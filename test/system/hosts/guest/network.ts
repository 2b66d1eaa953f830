import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";

/** Network namespaces, each with an address space and a link to the router of its own. */
export const HOSTS = ["house", "shed", "stranger"] as const;
export type Host = (typeof HOSTS)[number];

const ROUTER = "router";
/** Name of each host's only network device; the router's end of the link has the name of the host. */
const DEVICE = "wan";
/** Of the link to the shed in either direction; a round trip takes twice the delay. */
const SLOW = ["delay", "300ms", "loss", "5%", "rate", "160kbit"];
const CUT = ["loss", "100%"];
/** A rate that is not named stays as it was. */
const CLEAR = ["rate", "1gbit"];
/** The shed is behind a router that translates addresses, and that drops packets of connections it does not know. */
const NAT = `
table ip nat {
  chain postrouting { type nat hook postrouting priority srcnat; iifname "shed" masquerade; }
}
table ip filter {
  chain forward { type filter hook forward priority filter; ct state invalid drop; }
}
`;
/** Names that the hosts know, besides localhost. */
export const HOUSE_NAME = "house";

/** The link to the shed: slow as a bad radio link, without any loss or delay, or silent. */
export type Quality = "slow" | "clear" | "cut";

/** Bytes and packets of the shed's device, both directions together. */
export interface Traffic {
  readonly bytes: number;
  readonly packets: number;
}

export interface Network {
  address(host: Host): string;
  setLink(quality: Quality): void;
  /** Replaces the address of a host. Names still refer to the old one. */
  changeAddress(host: Host): void;
  /** Makes the name `house` refer to an address, in the shed and at the stranger's. */
  nameHouse(address: string): void;
  /** The router forgets all connections. */
  forgetConnections(): void;
  traffic(): Traffic;
}

/** Adds three hosts and a router between them. */
export function createNetwork(): Network {
  const addresses = new Map<Host, number>();
  const addressOf = (host: Host) => `10.${HOSTS.indexOf(host) + 1}.0.${addresses.get(host)}`;
  const routerOf = (host: Host) => `10.${HOSTS.indexOf(host) + 1}.0.1`;

  function giveAddress(host: Host, last: number) {
    addresses.set(host, last);
    ip("-n", host, "address", "add", `${addressOf(host)}/24`, "dev", DEVICE);
    ip("-n", host, "route", "replace", "default", "via", routerOf(host));
  }
  for (const name of [ROUTER, ...HOSTS]) {
    ip("netns", "add", name);
    ip("-n", name, "link", "set", "lo", "up");
  }
  for (const host of HOSTS) {
    ip("link", "add", DEVICE, "netns", host, "type", "veth", "peer", "name", host, "netns", ROUTER);
    // netem takes a packet of many segments for one.
    for (const [name, device] of [[host, DEVICE] as const, [ROUTER, host] as const]) {
      ip("-n", name, "link", "set", device, "gso_max_segs", "1", "up");
    }
    ip("-n", ROUTER, "address", "add", `${routerOf(host)}/24`, "dev", host);
    giveAddress(host, 2);
  }
  inRouter("sh", ["-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]);
  inRouter("nft", ["-f", "-"], NAT);
  // A connection that it sees the middle of is not a new one.
  inRouter("sh", ["-c", "echo 0 >/proc/sys/net/netfilter/nf_conntrack_tcp_loose"]);
  const network: Network = {
    address: addressOf,
    setLink(quality) {
      const settings = quality === "slow" ? SLOW : quality === "cut" ? CUT : CLEAR;
      for (const [name, device] of [
        ["shed", DEVICE],
        [ROUTER, "shed"],
      ] as const) {
        run("tc", ["-n", name, "qdisc", "replace", "dev", device, "root", "netem", ...settings]);
      }
    },
    changeAddress(host) {
      const before = `${addressOf(host)}/24`;
      ip("-n", host, "address", "delete", before, "dev", DEVICE);
      giveAddress(host, (addresses.get(host) ?? 0) + 1);
    },
    nameHouse(address) {
      for (const host of ["shed", "stranger"]) {
        mkdirSync(`/etc/netns/${host}`, { recursive: true });
        writeFileSync(`/etc/netns/${host}/hosts`, `127.0.0.1 localhost\n${address} ${HOUSE_NAME}\n`);
      }
    },
    forgetConnections: () => void inRouter("conntrack", ["-F"]),
    traffic() {
      const counters = inHost("shed", "cat", ["/proc/net/dev"]);
      const numbers = /wan:(.*)/.exec(counters)?.[1]?.trim().split(/\s+/).map(Number) ?? [];
      const [received = 0, packetsIn = 0] = numbers;
      const [sent = 0, packetsOut = 0] = numbers.slice(8);
      return { bytes: received + sent, packets: packetsIn + packetsOut };
    },
  };
  network.nameHouse(addressOf("house"));
  network.setLink("clear");
  return network;
}

/** The command line of a program in a host. `ip` replaces itself by the program, so that the process id is the program's. */
export function commandIn(host: string, program: string, args: readonly string[]): readonly [string, string[]] {
  return ["ip", ["netns", "exec", host, program, ...args]];
}

function inHost(host: string, program: string, args: readonly string[], input = ""): string {
  return run(...commandIn(host, program, args), input);
}

const inRouter = (program: string, args: readonly string[], input?: string) => inHost(ROUTER, program, args, input);

const ip = (...args: readonly string[]) => void run("ip", args);

function run(command: string, args: readonly string[], input = ""): string {
  return execFileSync(command, args, { encoding: "utf8", input, stdio: ["pipe", "pipe", "pipe"] });
}
