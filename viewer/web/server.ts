import type { IncomingMessage, ServerResponse } from "node:http";
import { hostname } from "node:os";
import type { Clock } from "../../common/runtime/clock.ts";
import { type Log, trackProblems } from "../../common/runtime/log.ts";
import type { History } from "../model/history.ts";
import type { HouseView } from "../model/views.ts";
import { type Access, createAccess } from "./access.ts";
import { errorAnswer, RequestError, send } from "./answer.ts";
import { compressed } from "./compression.ts";
import { createConnections } from "./connections.ts";
import { createEventStreams } from "./events.ts";
import { type CheckedRequest, checkRequest } from "./guard.ts";
import { type ListenOn, openListeners } from "./listeners.ts";
import { namesOf } from "./origin.ts";
import { loadPageFiles } from "./page-files.ts";
import { createRoutes } from "./routes.ts";

export interface WebOptions {
  readonly listenOn: readonly ListenOn[];
  /** Folder of the page's files. */
  readonly page: string;
  /** Names by which clients may ask for this machine, besides its own. */
  readonly hostNames: readonly string[];
  /** The token that clients need; undefined for none. Called once, with true if only programs of this machine reach the page. */
  token(isLoopback: boolean): string | undefined;
}

export interface WebDeps {
  /** The state of everything, as of now. */
  house(): HouseView;
  readonly history: History;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Web {
  /** `http://127.0.0.1:8470/`, …, or the path of a unix socket. */
  readonly urls: readonly string[];
  /** The port of the first address. */
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the page and the interfaces. @throws {Error} of the system, if an address cannot be used */
export async function startWeb(options: WebOptions, deps: WebDeps): Promise<Web> {
  const { log } = deps;
  const connections = createConnections();
  const events = createEventStreams(deps);
  const figures = () => ({ eventStreams: events.open, connections: connections.open });
  const routes = createRoutes({ ...deps, events, figures, page: await loadPageFiles(options.page) });
  const hostNames = namesOf(hostname(), options.hostNames);
  const problems = trackProblems(100);
  let access: Access | undefined;

  function handle(request: IncomingMessage, response: ServerResponse) {
    const { socket } = request;
    // One request at a time: a second one before the answer to the first could wait behind an endless one.
    if (!access || !connections.begin(socket)) {
      socket.destroy();
      return;
    }
    response.once("close", () => connections.end(socket));
    try {
      answer(checkRequest(request, hostNames), request, response, access);
    } catch (error) {
      answerError(error, request, response);
    }
  }
  function answer(
    checked: CheckedRequest,
    { headers, socket }: IncomingMessage,
    response: ServerResponse,
    { check }: Access,
  ) {
    const { path, query, isHead } = checked;
    const route = routes.get(path);
    const refused = route?.isPublic ? undefined : check({ path, query, headers, address: socket.remoteAddress ?? "" });
    if (!refused && !route) throw new RequestError(404, "not found: docs/api.md lists all addresses");
    const complete = refused ?? route?.serve({ query, headers, isHead, response });
    if (complete) send(response, compressed(complete, headers["accept-encoding"]?.toString()), isHead);
  }
  function answerError(error: unknown, request: IncomingMessage, response: ServerResponse) {
    const refused = error instanceof RequestError ? error : undefined;
    if (!refused && problems.begin(String(error))) log.error(`a request failed: ${(error as Error).stack}`);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // What else came on this connection, such as a body, is not read.
    if (refused && refused.status !== 404) response.shouldKeepAlive = false;
    const shown = refused ?? new RequestError(500, "the request failed: the log of bms-viewer has the reason");
    send(response, errorAnswer(shown), request.method === "HEAD");
  }

  const listeners = await openListeners(options.listenOn, connections, handle);
  access = createAccess(options.token(listeners.isLoopback), deps);
  return {
    urls: listeners.urls,
    port: listeners.port,
    async close() {
      events.close();
      await listeners.close();
    },
  };
}
