import { createHash } from "node:crypto";
import { createServer } from "node:net";

/**
 * One holder per thing on this machine: a device, an endpoint, an adapter. The claim is a listening socket in Linux'
 * abstract namespace, so the kernel frees it whenever its holder dies, however it dies, and no file is left behind.
 * Holder and rival must share a network namespace.
 */
export interface Claim {
  release(): Promise<void>;
}

/** The claim on `thing`, or undefined while another process holds it. */
export function claim(thing: string): Promise<Claim | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((visitor) => visitor.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ path: socketName(thing) }, () => {
      server.unref();
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

/** Abstract names are limited to 107 bytes, things are not. */
function socketName(thing: string): string {
  return `\0bms-${createHash("sha256").update(thing).digest("hex").slice(0, 32)}`;
}
