import { createServer } from "node:http";
import type { Log } from "../../common/runtime/log.ts";
import type { History } from "../model/history.ts";
import type { HouseView } from "../model/views.ts";

export interface WebOptions {
  readonly host: string;
  readonly port: number;
}

export interface WebDeps {
  /** The state of everything, as of now. */
  house(): HouseView;
  readonly history: History;
  readonly log: Log;
}

export interface Web {
  /** The port that was taken. */
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the page and the interfaces. @throws {Error} of the system, if the address cannot be used */
export async function startWeb({ host, port }: WebOptions, { house }: WebDeps): Promise<Web> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(house()));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: () => new Promise((closed) => server.close(() => closed()).closeAllConnections()),
  };
}
