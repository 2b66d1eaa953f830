import { connect, isIP } from "node:net";
import type { TcpEndpoint } from "../hosts/tcp-endpoint.ts";
import type { Clock } from "../runtime/clock.ts";

/** An address at which a host accepts connections, or the reason why it cannot be reached. */
export type Reached = { readonly address: string } | Unreachable;

export interface Unreachable {
  /** Of the system's error, such as ECONNREFUSED. */
  readonly code: string;
  readonly fault: string;
  readonly remedy: string;
}

/** As long as five attempts of the kernel with a lost packet each. */
const LIMIT_MS = 30_000;

const NO_WAY = "check the network of both hosts";
const NOBODY = "check the address, and that bms-aggregator runs there";
const NO_NAME = "check the name, or give the address in numbers";

const FAULTS: ReadonlyMap<string, readonly [fault: string, remedy: string]> = new Map([
  ["ENOTFOUND", ["the name is not known", NO_NAME]],
  ["EAI_AGAIN", ["the name cannot be looked up now", "check the network and its name server"]],
  ["ECONNREFUSED", ["nothing listens there", NOBODY]],
  ["ECONNRESET", ["the connection is reset", NOBODY]],
  ["EHOSTUNREACH", ["no route to host", NO_WAY]],
  ["ENETUNREACH", ["no route to its network", NO_WAY]],
  ["ETIMEDOUT", ["no answer", `${NO_WAY}, and firewalls between them`]],
  ["EACCES", ["this host forbids the connection", "check its firewall"]],
  ["EPERM", ["this host forbids the connection", "check its firewall"]],
  ["EAFNOSUPPORT", ["this service may not use the network", "run sudo bmsctl join LINE, which opens it"]],
]);

/**
 * Connects to a host and hangs up at once: looks its name up, tries its addresses, and knows why there is no way, which
 * ZeroMQ does not report.
 */
export function reach(
  { host, port }: TcpEndpoint,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Reached> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (reached: Reached) => {
      cancel();
      signal.removeEventListener("abort", abandon);
      socket.destroy();
      resolve(reached);
    };
    const fail = (code: string) => end(faultOf(code));
    const abandon = () => fail("ECANCELED");
    const cancel = clock.timer(LIMIT_MS, () => fail("ETIMEDOUT"));
    signal.addEventListener("abort", abandon, { once: true });
    socket.once("error", ({ code = "" }: NodeJS.ErrnoException) => fail(code));
    socket.once("connect", () => end({ address: addressOf(host, socket.remoteAddress) }));
    if (signal.aborted) abandon();
  });
}

/** A link-local address is of no use without its interface, which Node does not report. */
function addressOf(host: string, address = host): string {
  return isIP(host) !== 0 || address.startsWith("fe80:") ? host : address;
}

function faultOf(code: string): Reached {
  const [fault, remedy] = FAULTS.get(code) ?? [`it cannot be reached (${code})`, NO_WAY];
  return { code, fault, remedy };
}
