import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CELL_NAMES } from "../../../../common/model/quantities.ts";
import type { Sample } from "../../../../common/model/reading.ts";
import { startProgram } from "../../../../simulator/program.ts";
import { between, seededRandom } from "../../../../simulator/random.ts";
import { sendTo } from "../../../support/sender.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

/** A wide row, so that documents reach their full length. */
const SAMPLE: Sample = { volts: 104.96, ...Object.fromEntries(CELL_NAMES.map((name, i) => [name, 3251 + i])) };
const CELLS = [SAMPLE.volts?.toFixed(3), ...CELL_NAMES.map((_, i) => 3251 + i)].join(",");
const DOCUMENT = new RegExp(`^meter,time,volts,${CELL_NAMES.join(",")}\n(bms,\\d+,${CELLS}\n)+$`);
const BACKLOG = 4_000;
/** Enough to give the aggregator more rows at a time than fit into one write. */
const AGENTS = 4;
/** Bytes per read. */
const READ_BYTES = 700;

/** Reads one connection in small pieces; reports how much it has so far, and everything at the end. */
function slowReader(t: TestContext, path: string) {
  let onRead = (_bytes: number) => {};
  const all = new Promise<string>((resolve) => {
    const server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      const readPiece = () => {
        const piece: Buffer | null = socket.read(Math.min(READ_BYTES, socket.readableLength || READ_BYTES));
        if (piece) {
          pieces.push(piece);
          bytes += piece.length;
          onRead(bytes);
        }
        if (!socket.readableEnded) setImmediate(readPiece);
      };
      socket.on("error", () => {});
      socket.once("end", () => resolve(Buffer.concat(pieces).toString()));
      readPiece();
    });
    server.listen(path);
    t.after(() => server.close());
  });
  return {
    all,
    /** Resolves once this many bytes have been read. */
    read: (count: number) =>
      new Promise<void>((resolve) => {
        onRead = (bytes) => {
          if (bytes >= count) resolve();
        };
      }),
  };
}

test("an aggregator that is killed in the middle of a backlog leaves complete documents only", async (t) => {
  const random = seededRandom("torn");
  for (let round = 0; round < 8; round += 1) {
    const folder = await temporaryFolder(t);
    const socket = join(folder, "telegraf.sock");
    const endpoint = `ipc://${join(folder, "readings.sock")}`;
    const reader = slowReader(t, socket);
    const aggregator = startProgram("bms-aggregator", ["--endpoint", endpoint, "--output", `unix://${socket}`]);
    t.after(() => aggregator.stop("SIGKILL"));
    for (let i = 0; i < AGENTS; i += 1) sendTo(t, endpoint, { sample: SAMPLE }).put(BACKLOG / AGENTS);
    await reader.read(Math.floor(between(random, 1, 200_000)));
    await aggregator.stop("SIGKILL");
    const documents = (await reader.all).split("\0");
    assert.equal(documents.pop(), "", "nothing follows the last NUL byte");
    for (const document of documents) assert.match(document, DOCUMENT);
    const rows = documents.join("").match(/^bms,/gm)?.length ?? 0;
    assert.ok(rows > 0 && rows < BACKLOG, `it was killed in the middle, after ${rows} rows`);
  }
});
