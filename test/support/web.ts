import assert from "node:assert/strict";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { systemClock } from "../../common/runtime/clock.ts";
import type { Log } from "../../common/runtime/log.ts";
import type { History } from "../../viewer/model/history.ts";
import type { HouseView } from "../../viewer/model/views.ts";
import { startWeb, type Web } from "../../viewer/web/server.ts";
import { historyOf, houseOf, meterOf } from "./house.ts";

export interface WebUnderTest extends Web {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Lines of the log. */
  readonly lines: readonly string[];
  /** Sends bytes as they are and returns everything that comes until the server closes the connection. */
  raw(bytes: string | Uint8Array): Promise<string>;
  /** An open connection, without its errors. It is closed after the test. */
  open(): Promise<Socket>;
}

export interface WebTestOptions {
  readonly house?: () => HouseView;
  readonly history?: History;
  readonly token?: string;
  readonly page?: string;
  readonly host?: string;
}

/** A real server on a free port, closed after the test. */
export async function serveWeb(t: TestContext, options: WebTestOptions = {}): Promise<WebUnderTest> {
  const { house = () => houseOf([meterOf("house")]), history = historyOf([]), token, page = "/nonexistent" } = options;
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log: Log = { error: write, warn: write, info: write, debug: () => {} };
  const { host = "127.0.0.1" } = options;
  const web = await startWeb(
    { listenOn: [{ host, port: 0 }], page, hostNames: [], token: () => token },
    { house, history, clock: systemClock, log },
  );
  const sockets: Socket[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await web.close();
  });
  const open = () =>
    new Promise<Socket>((resolve, reject) => {
      const socket = connect(web.port, "127.0.0.1");
      sockets.push(socket);
      socket.once("error", reject).once("connect", () => resolve(socket.on("error", () => {})));
    });
  return {
    ...web,
    url: `http://127.0.0.1:${web.port}`,
    lines,
    open,
    async raw(bytes) {
      const socket = await open();
      const received: Buffer[] = [];
      socket.on("data", (data) => received.push(data)).write(bytes);
      await new Promise((closed) => socket.once("close", closed));
      return Buffer.concat(received).toString("latin1");
    },
  };
}

/** Proves that the server still works. */
export async function assertAnswers({ url }: WebUnderTest): Promise<void> {
  assert.equal((await fetch(`${url}/api/v1/house`)).status, 200);
}

/** Status of a request as it is written: fetch would resolve the path, and forbids some headers. */
export function statusFor(
  { port }: WebUnderTest,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}
