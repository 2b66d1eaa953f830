import type { TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { HostKey } from "../../common/hosts/host-key.ts";
import { encodeZ85 } from "../../common/hosts/z85.ts";
import { loadZeromq } from "../../common/wire/zeromq.ts";

const DOMAIN = "aggregator";
/** The address at which ZeroMQ asks whether a peer is admitted (ZAP, RFC 27). */
const ZAP = "inproc://zeromq.zap.01";

/** A ROUTER at a port of 127.0.0.1 that admits these keys only, as the aggregator does. One at a time in a process. */
export async function admittingRouter(
  t: TestContext,
  port: number,
  own: HostKey,
  admitted: Pick<ReadonlySet<string>, "has">,
) {
  const { Reply, Router } = loadZeromq();
  const zap = new Reply({ linger: 0 });
  const router = new Router({ linger: 0, curveServer: true, curveSecretKey: own.secretKey, zapDomain: DOMAIN });
  t.after(() => {
    router.close();
    zap.close();
  });
  await bindZap();
  void answerAll().catch(() => {});
  await router.bind(`tcp://127.0.0.1:${port}`);

  async function bindZap() {
    for (;;) {
      try {
        return await zap.bind(ZAP);
      } catch (error) {
        // The one of the test before this is still closing.
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
        await nextTurn();
      }
    }
  }
  async function answerAll() {
    for await (const [version = "", request = "", domain, , , , key] of zap) {
      // ZeroMQ asks for sockets without a domain as well.
      const isOther = String(domain) !== DOMAIN;
      const isKnown = isOther || (key !== undefined && admitted.has(encodeZ85(key)));
      await zap.send([version, request, isKnown ? "200" : "400", "", "", ""]);
    }
  }
}
