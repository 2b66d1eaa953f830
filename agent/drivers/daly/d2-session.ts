import type { Sample } from "../../../common/model/reading.ts";
import { optional, type Request, type RequestChannel } from "../request-response.ts";
import { READ_62, READ_80, READ_EXTRA, READ_PRODUCED, READ_SETTINGS, READ_VERSIONS } from "./d2.ts";
import { ATTEMPTS, type DalyProtocol, FEW_ATTEMPTS, firstAnswered } from "./protocol.ts";

/** The protocol of H, K, M and S boards. What a board does not answer is not asked again on this link. */
export function openD2(channel: RequestChannel): DalyProtocol {
  let status: Request<Sample> | undefined;
  let hasExtra = true;
  let settings: Sample | undefined;
  let cells: number | undefined;

  async function read(request: Request<Sample>, attempts: number): Promise<Sample> {
    const sample = await channel.send(request, attempts);
    status = request;
    return sample;
  }

  /** Newer boards answer 80 registers, older ones 62. */
  const readFirst = (attempts: number) =>
    firstAnswered([READ_80, READ_62].map((request) => () => read(request, attempts)));

  /** Empty for a board of 62 registers that has no others. */
  async function readExtra(): Promise<Sample> {
    if (status !== READ_62 || !hasExtra) return {};
    const extra = await optional(channel.send(READ_EXTRA, FEW_ATTEMPTS));
    hasExtra = extra !== undefined;
    return extra ?? {};
  }

  return {
    async poll(attempts) {
      const sample = status ? await channel.send(status, ATTEMPTS) : await readFirst(attempts);
      cells = sample.cells;
      const extra = await readExtra();
      settings ??= (await optional(channel.send(READ_SETTINGS, ATTEMPTS))) ?? {};
      return { ...sample, ...extra, ...settings };
    },
    async describe() {
      const versions = await optional(channel.send(READ_VERSIONS, FEW_ATTEMPTS));
      const produced = await optional(channel.send(READ_PRODUCED, FEW_ATTEMPTS));
      return {
        ...versions,
        ...(produced !== undefined && { produced }),
        ...(cells !== undefined && { cells }),
      };
    },
  };
}
