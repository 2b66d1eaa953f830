import { setTimeout as sleep } from "node:timers/promises";
import { loadZeromq, receiveAll } from "../../../../common/wire/zeromq.ts";
import { forgedDelivery } from "./forged.ts";
import type { Attack, Target } from "./outcome.ts";

const AT_ONCE = 5;
/** Each socket is replaced by a new one after this time, ms. */
const LIFE_MS = 2_000;
const SEND_EVERY_MS = 200;

interface Kind {
  readonly name: string;
  settings(target: Target): Readonly<Record<string, string>>;
}

const keyPair = () => loadZeromq().curveKeyPair();
const curve = (curveServerKey: string, { publicKey, secretKey }: ReturnType<typeof keyPair>) => ({
  curveServerKey,
  curvePublicKey: publicKey,
  curveSecretKey: secretKey,
});

const KINDS: readonly Kind[] = [
  { name: "ZeroMQ without keys", settings: () => ({}) },
  { name: "PLAIN", settings: () => ({ plainUsername: "shed", plainPassword: "shed" }) },
  { name: "wrong key of the aggregator", settings: ({ stolen }) => curve(keyPair().publicKey, stolen) },
  { name: "unknown key", settings: ({ serverKey }) => curve(serverKey, keyPair()) },
  { name: "known key without a proof", settings: ({ serverKey, stolen }) => curve(serverKey, stolen) },
  {
    name: "known key with a false proof",
    settings: ({ serverKey, stolen }) => ({ ...curve(serverKey, stolen), routingId: `1${"A".repeat(54)}` }),
  },
];

/** Clients of ZeroMQ that deliver readings. */
export function zeromqAttacks(target: Target): Attack[] {
  return KINDS.map(({ name, settings }) => ({
    name,
    async run(until) {
      const counts = { connections: 0, answers: 0 };
      const attackOnce = async () => {
        const { Dealer } = loadZeromq();
        const socket = new Dealer({ linger: 0, sendTimeout: 0, ...settings(target) });
        void receiveAll(socket, () => {
          counts.answers += 1;
        });
        socket.connect(`tcp://${target.host}:${target.port}`);
        counts.connections += 1;
        for (let ms = 0; ms < LIFE_MS && !until.aborted; ms += SEND_EVERY_MS) {
          await socket.send(forgedDelivery(target.meter)).catch(() => {});
          await sleep(SEND_EVERY_MS);
        }
        socket.close();
      };
      const attack = async () => {
        while (!until.aborted) await attackOnce();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, attack));
      return counts;
    },
  }));
}
