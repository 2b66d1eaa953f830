import { createHash } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";

/**
 * One holder per thing on this machine: a device, an endpoint, an adapter. The claim is a listening socket in Linux'
 * abstract namespace, so the kernel frees it whenever its holder dies, however it dies, and no file is left behind.
 * Holder and rival must share a network namespace.
 */
export interface Claim {
  release(): Promise<void>;
}

/**
 * The claim on `thing`, or undefined while another process holds it. Rivals may connect to its socket (`claimPath`) to
 * learn when it is freed; `greet` is handed each of them, and hangs up when absent.
 */
export function claim(
  thing: string,
  greet: (rival: Socket) => void = (rival) => rival.destroy(),
): Promise<Claim | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer(greet);
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ path: claimPath(thing) }, () => {
      server.unref();
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

/** Whether some process holds the claim on `thing`. */
export function isClaimed(thing: string): Promise<boolean> {
  return new Promise((resolve) => {
    const visit = connect({ path: claimPath(thing) });
    const settle = (isHeld: boolean) => {
      visit.destroy();
      resolve(isHeld);
    };
    visit.once("connect", () => settle(true));
    visit.once("error", () => settle(false));
  });
}

/** Where a claim listens. Abstract names are limited to 107 bytes, things are not. */
export function claimPath(thing: string): string {
  return `\0bms-${createHash("sha256").update(thing).digest("hex").slice(0, 32)}`;
}
