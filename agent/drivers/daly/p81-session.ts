import { optional, type RequestChannel } from "../request-response.ts";
import { READ_CELLS, READ_STATE, READ_VERSIONS, stateSample } from "./p81.ts";
import { type DalyProtocol, FEW_ATTEMPTS, openOptional } from "./protocol.ts";

/** The protocol of boards since 2026. */
export function openP81(channel: RequestChannel): DalyProtocol {
  const ask = openOptional(channel);
  let cells: number | undefined;
  return {
    async poll(attempts) {
      const sample = await channel.send(READ_CELLS, attempts);
      cells = sample.cells;
      const state = await ask("state", READ_STATE);
      return { ...sample, ...(state && stateSample(state, cells)) };
    },
    async describe() {
      const versions = await optional(channel.send(READ_VERSIONS, FEW_ATTEMPTS));
      return { ...versions, ...(cells !== undefined && { cells }) };
    },
  };
}
