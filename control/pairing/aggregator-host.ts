import { isIP } from "node:net";
import type { HostKey } from "../../common/hosts/host-key.ts";
import type { PublicKey } from "../../common/hosts/public-key.ts";
import { formatTcpEndpoint, type TcpEndpoint } from "../../common/hosts/tcp-endpoint.ts";
import { orAborted } from "../../common/runtime/abort.ts";
import { type Clock, within } from "../../common/runtime/clock.ts";
import { EndpointError } from "../../common/wire/endpoint.ts";
import { reach } from "../../common/wire/reach.ts";
import { loadZeromq } from "../../common/wire/zeromq.ts";
import { decodeAnswer, encodeRequest, MAX_PAIRING_BYTES, type PairingAnswer, type PairingRequest } from "./messages.ts";

export interface ReachDeps {
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

/** A port of the aggregator's host, where its key answers. */
export interface KeyedEndpoint extends TcpEndpoint {
  readonly publicKey: PublicKey;
}

/** A link with 300 ms delay and 5 % loss needs a few seconds. */
const DEADLINE_MS = 20_000;

/** The address at which a port answers: a name may have several. @throws {EndpointError} with what to do */
export async function reachableAddress(target: TcpEndpoint, { clock, stop }: ReachDeps): Promise<string> {
  const reached = await reach(target, { clock, signal: stop });
  stop.throwIfAborted();
  if ("address" in reached) return reached.address;
  const { code, fault, remedy } = reached;
  const explanation = UNREACHABLE[code] ?? `cannot be reached: ${fault}; ${remedy}`;
  throw new EndpointError(`${target.host} port ${target.port} ${explanation}`);
}

/** Sends a request to `bmsctl pair` and returns its answer. @throws {EndpointError} */
export async function askPairing(
  target: KeyedEndpoint,
  own: HostKey,
  request: PairingRequest,
  { clock, stop }: ReachDeps,
): Promise<PairingAnswer> {
  const socket = openDealer(target, own);
  async function exchange() {
    socket.connect(formatTcpEndpoint(target));
    await socket.send(encodeRequest(request));
    const [bytes] = await socket.receive();
    return bytes && decodeAnswer(bytes);
  }
  try {
    const answer = await orAborted(stop, within(clock, DEADLINE_MS, exchange()));
    if (answer) return answer;
    throw new EndpointError(
      `${target.host} port ${target.port} does not answer as the bmsctl pair of this line: copy the line again, or start pairing again`,
    );
  } finally {
    socket.close();
  }
}

/** `admitted`: the aggregator knows the key. `refused`: it does not. `silent`: nobody answers there with the aggregator's key. */
export type Admission = "admitted" | "refused" | "silent";

/** A key that is new is known within a second. */
const NEW_KEY_MS = 5_000;
const RETRY_MS = 250;

/** Shakes hands with the aggregator, as an agent does. A refusal is tried again for as long as the key may be too new. */
export async function tryAggregator(
  target: KeyedEndpoint,
  own: HostKey,
  deps: ReachDeps,
  withinMs = DEADLINE_MS,
): Promise<Admission> {
  const { clock, stop } = deps;
  const lastRetry = clock.monotonic() + Math.min(withinMs, NEW_KEY_MS);
  for (;;) {
    const admission = await shakeHands(target, own, deps, withinMs);
    if (admission !== "refused" || clock.monotonic() > lastRetry) return admission;
    await clock.sleep(RETRY_MS, stop);
  }
}

/** ZeroMQ does not connect again after a refusal: each attempt needs a socket of its own. */
async function shakeHands(
  target: KeyedEndpoint,
  own: HostKey,
  { clock, stop }: ReachDeps,
  withinMs: number,
): Promise<Admission> {
  const socket = openDealer(target, own);
  const outcome = new Promise<Admission>((resolve) => {
    socket.events.on("handshake", () => resolve("admitted"));
    socket.events.on("handshake:error:auth", () => resolve("refused"));
    socket.connect(formatTcpEndpoint(target));
  });
  try {
    return (await orAborted(stop, within(clock, withinMs, outcome))) ?? "silent";
  } finally {
    socket.close();
  }
}

/** A socket that speaks to the owner of a key alone. */
function openDealer({ host, publicKey }: KeyedEndpoint, own: HostKey) {
  const { Dealer } = loadZeromq();
  return new Dealer({
    curveServerKey: publicKey,
    curvePublicKey: own.publicKey,
    curveSecretKey: own.secretKey,
    ipv6: isIP(host) === 6,
    immediate: true,
    linger: 0,
    maxMessageSize: MAX_PAIRING_BYTES,
    reconnectInterval: 250,
  });
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: "cannot be reached: the name is not known here; pair with --host-address and the address in digits",
  EAI_AGAIN: "cannot be reached: the name is not known here; pair with --host-address and the address in digits",
  ECONNREFUSED: "is closed: is sudo bmsctl pair still waiting there?",
  ETIMEDOUT: "does not answer: open the port in the firewall of that host, or check the address",
};
