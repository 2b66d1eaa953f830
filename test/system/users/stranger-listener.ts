// A stranger's program in the place of the aggregator: node stranger-listener.js PATH. Answers ZeroMQ's handshake as a ROUTER
// does, and prints `listening`, and `got BYTES` for whatever it receives after the peer's greeting.
import { chmodSync } from "node:fs";
import { createServer } from "node:net";

const [, , path = ""] = process.argv;

/** ZMTP 3.0 (RFC 23): signature, version, mechanism, and a server flag that stays 0. */
const GREETING = Buffer.alloc(64);
GREETING.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]);
GREETING.write("NULL", 12);
const PROPERTY = Buffer.from("\x0bSocket-Type\0\0\0\x06ROUTER");
const BODY = Buffer.concat([Buffer.from("\x05READY"), PROPERTY]);
const READY = Buffer.concat([Buffer.from([4, BODY.length]), BODY]);

const server = createServer((peer) => {
  let received = 0;
  peer.on("error", () => {});
  peer.write(Buffer.concat([GREETING, READY]));
  peer.on("data", (bytes) => {
    received += bytes.length;
    if (received > GREETING.length) process.stdout.write(`got ${received - GREETING.length}\n`);
  });
});
server.listen(path, () => {
  chmodSync(path, 0o666);
  process.stdout.write("listening\n");
});
