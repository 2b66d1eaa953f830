import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "../../common/runtime/clock.ts";
import { type Log, trackProblems } from "../../common/runtime/log.ts";
import type { History } from "../model/history.ts";
import type { HouseView } from "../model/views.ts";
import { type Answer, errorAnswer, RequestError, send } from "./answer.ts";
import { createEventStreams } from "./events.ts";
import { loadPageFiles } from "./page-files.ts";
import { createRoutes, type Routes } from "./routes.ts";

export interface WebOptions {
  readonly host: string;
  readonly port: number;
  /** Folder of the page's files. */
  readonly page: string;
}

export interface WebDeps {
  /** The state of everything, as of now. */
  house(): HouseView;
  readonly history: History;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Web {
  /** The port that was taken. */
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the page and the interfaces. @throws {Error} of the system, if the address cannot be used */
export async function startWeb({ host, port, page }: WebOptions, deps: WebDeps): Promise<Web> {
  const { clock, log } = deps;
  const events = createEventStreams(deps);
  const routes = createRoutes({ ...deps, events, page: await loadPageFiles(page) });
  const problems = trackProblems(100);

  function handle(request: IncomingMessage, response: ServerResponse) {
    const isHead = request.method === "HEAD";
    try {
      const answer = answerTo(request, response, routes);
      if (answer) send(response, answer, isHead);
    } catch (error) {
      const refused = error instanceof RequestError ? error : undefined;
      if (!refused && problems.begin(String(error))) log.error(`a request failed: ${(error as Error).stack}`);
      if (response.headersSent) response.destroy();
      else
        send(
          response,
          errorAnswer(refused ?? new RequestError(500, "the viewer failed: its log has the reason")),
          isHead,
        );
    }
  }

  const server = createServer(handle);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, host, resolve));
  const address = server.address();
  void clock;
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: () => {
      events.close();
      return new Promise((closed) => server.close(() => closed()).closeAllConnections());
    },
  };
}

function answerTo(request: IncomingMessage, response: ServerResponse, routes: Routes): Answer | undefined {
  const { method = "", url = "", headers } = request;
  const [path = "", query = ""] = url.split(/\?(.*)/s);
  if (method !== "GET" && method !== "HEAD") {
    throw new RequestError(405, `${method} is not allowed: nothing can be changed here, use GET`, {
      allow: "GET, HEAD",
    });
  }
  const route = routes.get(path);
  if (!route) throw new RequestError(404, "not found: docs/api.md lists all addresses");
  return route.serve({ query: new URLSearchParams(query), headers, isHead: method === "HEAD", response });
}
