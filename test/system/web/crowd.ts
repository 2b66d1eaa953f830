// A crowd at the page: `crowd.ts PORT PAGES STALLED SILENT` opens event streams, of which some are never read, and connections
// that send nothing. A page that was closed opens again. Prints one JSON line a second.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const [port = 0, pages = 0, stalled = 0, silent = 0] = process.argv.slice(2).map(Number);
const REQUEST = "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const report = { pages: 0, opened: 0, events: 0, silent: 0, silentOpened: 0, refused: 0 };

function open(): Socket {
  return connect(port, "127.0.0.1").on("error", () => {});
}

async function page(isRead: boolean): Promise<never> {
  for (;;) {
    const socket = open();
    socket.write(REQUEST);
    report.opened += 1;
    report.pages += 1;
    socket.on("data", (data) => {
      report.events += String(data).split("event: ").length - 1;
      if (String(data).startsWith("HTTP/1.1 503")) report.refused += 1;
      // From now on it reads nothing, and does not notice when it is closed.
      if (!isRead) socket.pause();
    });
    await once(socket, "close");
    report.pages -= 1;
    await sleep(2_000);
  }
}

async function silence(): Promise<never> {
  for (;;) {
    const socket = open();
    report.silent += 1;
    report.silentOpened += 1;
    socket.resume();
    await once(socket, "close");
    report.silent -= 1;
    await sleep(5_000);
  }
}

for (let i = 0; i < pages; i += 1) void page(i >= stalled);
setInterval(() => process.stdout.write(`${JSON.stringify(report)}\n`), 1_000);
while (report.events < pages) await sleep(100);
for (let i = 0; i < silent; i += 1) void silence();
