import { dirname } from "node:path";

/** What keeps a program from writing to a socket on which Telegraf should listen, and what to do, as one sentence. */
export function explainSocketFault(code: string | undefined, path: string): string {
  switch (code) {
    case "ENOENT":
      return `there is no ${path}: start Telegraf, or give its socket_listener service_address = "unix://${path}"`;
    case "ENOTDIR":
      return `${dirname(path)} is not a folder: correct the path of the output`;
    case "ENOTSOCK":
      return `${path} is not a socket: remove what stands there, or correct the path of the output`;
    case "EACCES":
      return `no permission to write to ${path}: set socket_mode = "0660" in Telegraf's socket_listener, and add this user to Telegraf's group`;
    case "ECONNREFUSED":
      return `nobody listens on ${path}: Telegraf has left it behind; start Telegraf`;
    case "EPROTOTYPE":
      return `${path} takes datagrams: let service_address in Telegraf's socket_listener begin with unix://, not unixgram://`;
    case "EAGAIN":
      return `${path} takes no more connections: Telegraf is stuck; restart it`;
    case "ECONNRESET":
    case "EPIPE":
    case undefined:
      return `Telegraf has closed ${path}`;
    default:
      return `${path} cannot be written to (${code})`;
  }
}
