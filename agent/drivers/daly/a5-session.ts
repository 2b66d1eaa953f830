import type { Sample } from "../../../common/model/reading.ts";
import { cellExtremes, power } from "../pack-sample.ts";
import type { RequestChannel } from "../request-response.ts";
import { ampsOf, balanceSample, cellsRequest, cellsSample, singleRequests, temperaturesRequest } from "./a5.ts";
import { type DalyProtocol, openOptional } from "./protocol.ts";

/** The older protocol, for modules that answer to this host. */
export function openA5(channel: RequestChannel, host: number): DalyProtocol {
  const requests = singleRequests(host);
  const ask = openOptional(channel);
  let cells: number | undefined;

  async function readCells(count: number): Promise<Sample> {
    const millivolts = (await ask("cells", cellsRequest(host, count))) ?? [];
    const extremes = await ask("extremes", requests.extremes);
    return { ...cellsSample(millivolts), ...(extremes ?? cellExtremes(millivolts)) };
  }

  async function readBalance(count: number): Promise<Sample> {
    const balance = await ask("balance", requests.balance);
    return balance === undefined ? {} : balanceSample(balance, count);
  }

  return {
    async poll(attempts) {
      const { flow, ...pack } = await channel.send(requests.pack, attempts);
      const state = await ask("state", requests.state);
      const counts = await ask("counts", requests.counts);
      cells = counts?.cells ?? cells;
      const { sensors = 0, ...counted } = counts ?? {};
      const amps = ampsOf(flow, state?.state);
      return {
        ...pack,
        ...(amps !== undefined && { amps, watts: power(pack.volts, amps) }),
        ...state,
        ...counted,
        ...(cells && { ...(await readCells(cells)), ...(await readBalance(cells)) }),
        ...(sensors > 0 && (await ask("temperatures", temperaturesRequest(host, sensors)))),
        ...(await ask("alarms", requests.alarms)),
      };
    },
    describe: async () => (cells === undefined ? {} : { cells }),
  };
}
