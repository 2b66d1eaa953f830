import { dirname } from "node:path";

/** A reason why Telegraf's socket cannot be written to. */
export interface SocketFault {
  readonly message: string;
  /** An imperative; absent if reconnecting is enough. */
  readonly remedy?: string;
}

/** Explains an error code of connecting or writing to the socket at `path`; undefined stands for an orderly close. */
export function explainSocketFault(code: string | undefined, path: string): SocketFault {
  switch (code) {
    case "ENOENT":
      return {
        message: `there is no ${path}`,
        remedy: `start Telegraf, or give its socket_listener service_address = "unix://${path}"`,
      };
    case "ENOTDIR":
      return { message: `${dirname(path)} is not a directory`, remedy: "correct the path of the output" };
    case "ENOTSOCK":
      return { message: `${path} is not a socket`, remedy: "remove that file, or correct the path of the output" };
    case "EACCES":
      return {
        message: `no permission to write to ${path}`,
        remedy: `set socket_mode = "0660" in Telegraf's socket_listener, and add this user to Telegraf's group`,
      };
    case "ECONNREFUSED":
      return { message: `nobody listens on ${path}`, remedy: "start Telegraf; the socket is left from its last run" };
    case "EPROTOTYPE":
      return {
        message: `${path} is a datagram socket`,
        remedy: "let service_address in Telegraf's socket_listener begin with unix://, not unixgram://",
      };
    case "EAGAIN":
      return { message: `${path} accepts no more connections: Telegraf is stuck`, remedy: "restart Telegraf" };
    case "ECONNRESET":
    case "EPIPE":
    case undefined:
      return { message: `Telegraf has closed ${path}` };
    default:
      return { message: `${path} cannot be written to (${code})` };
  }
}
