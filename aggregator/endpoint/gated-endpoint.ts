import { chmodSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { endpointPath } from "../../common/wire/endpoint.ts";
import { bindError, claimEndpoint, type EndpointOption } from "./claim-endpoint.ts";
import { createGate, type GateLimits, type OnRejected } from "./gate.ts";

/** A socket of ZeroMQ. */
interface ServerSocket {
  readonly events: {
    on(name: `handshake:error:${"protocol" | "other"}`, call: (event: { readonly error: Error }) => void): void;
  };
  bindSync(endpoint: string): void;
}

/** An endpoint that this program has claimed, whose ZeroMQ socket is behind a gate. */
export interface GatedEndpoint {
  /** Binds the socket, opens the gate for members of the group and reports failed handshakes. @throws {EndpointError} */
  listen(socket: ServerSocket): Promise<void>;
  /** Connections that have sent a message or a subscription. */
  readonly speakers: number;
  /** Closes the gate and gives the endpoint up. Close the socket first. */
  close(): Promise<void>;
}

/**
 * Claims an endpoint. `onRejected` is called for whatever the gate does not pass on.
 *
 * @throws {EndpointError} if another program has the endpoint, or another file is in its place
 */
export async function claimGatedEndpoint(
  endpoint: string,
  option: EndpointOption,
  limits: GateLimits,
  onRejected: OnRejected,
): Promise<GatedEndpoint> {
  const path = endpointPath(endpoint);
  const claim = await claimEndpoint(path, option);
  const inner = join(dirname(path), `.${basename(path)}`);
  const gate = createGate(inner, limits, onRejected);

  return {
    async listen(socket) {
      socket.events.on("handshake:error:protocol", ({ error }) =>
        onRejected("connection", `it does not speak ZeroMQ (${error.message})`),
      );
      socket.events.on("handshake:error:other", ({ error }) =>
        onRejected("connection", `it ended in its handshake (${error.message})`),
      );
      try {
        bindPrivately(socket, inner);
        rmSync(path, { force: true });
        await gate.listen(path);
        chmodSync(path, 0o660);
      } catch (error) {
        throw bindError(path, option, error);
      }
    },
    get speakers() {
      return gate.speakers;
    },
    async close() {
      gate.close();
      // ZeroMQ leaves its socket file behind. While the claim holds, nobody else uses these. One that cannot be removed is
      // replaced by the next claim.
      for (const file of [path, inner]) {
        try {
          rmSync(file, { force: true });
        } catch {}
      }
      await claim.release();
    },
  };
}

/** Binds ZeroMQ's own socket behind a gate: nobody else may connect past it. */
export function bindPrivately(socket: ServerSocket, inner: string): void {
  const before = process.umask(0o177);
  try {
    socket.bindSync(`ipc://${inner}`);
  } finally {
    process.umask(before);
  }
}
