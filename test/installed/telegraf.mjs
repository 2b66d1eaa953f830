// Stands in for Telegraf: reads documents to their end, as Telegraf's socket_listener does, and keeps them in a file.
import { appendFileSync, chmodSync, chownSync, statSync } from "node:fs";
import { createServer } from "node:net";

const [socket, file] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (connection) => {
  connection.on("data", (chunk) => appendFileSync(file, chunk));
  connection.on("end", () => connection.end());
});
server.listen(socket, () => {
  chownSync(socket, 0, statSync("/run/telegraf").gid);
  chmodSync(socket, 0o660);
});
