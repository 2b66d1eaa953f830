import type { Writable } from "node:stream";
import { type OpenSink, SinkError } from "./sink.ts";

/** Ends a document for people, and for programs that read line by line. */
const END_OF_DOCUMENT = "\n";

/** Standard output, or a stream that stands for it. Once its reader is gone it never comes back. */
export function stdoutTo(stream: Writable): OpenSink {
  const loss = new AbortController();
  const lostBy = (cause: Error) => new SinkError(`its reader is gone (${cause.message})`, { isFinal: true, cause });
  stream.on("error", (error) => loss.abort(lostBy(error)));
  return async () => {
    loss.signal.throwIfAborted();
    return {
      lost: loss.signal,
      write: (document) =>
        new Promise((resolve, reject) => {
          stream.write(document + END_OF_DOCUMENT, (error) => (error ? reject(lostBy(error)) : resolve()));
        }),
      close: () => loss.abort(new SinkError("closed here", { isFinal: true })),
    };
  };
}
