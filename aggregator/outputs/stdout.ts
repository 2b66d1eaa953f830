import type { Writable } from "node:stream";
import { formatDocuments } from "./csv.ts";
import { type OpenSink, SinkError } from "./sink.ts";

/** An empty line ends a document, for people and for programs that read line by line. */
const END_OF_DOCUMENT = "\n";

/** Standard output, or another stream in its place. Once its reader has exited it cannot be opened again. */
export function stdoutSink(stream: Writable): OpenSink {
  const loss = new AbortController();
  const readerGone = (cause: Error) => new SinkError(`its reader is gone (${cause.message})`, { isFinal: true, cause });
  stream.on("error", (error) => loss.abort(readerGone(error)));

  function write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      stream.write(text, (error) => (error ? reject(readerGone(error)) : resolve()));
    });
  }
  return async () => {
    loss.signal.throwIfAborted();
    return {
      lost: loss.signal,
      async write(readings) {
        for (const document of formatDocuments(readings)) await write(document + END_OF_DOCUMENT);
      },
      close: () => loss.abort(new SinkError("closed here", { isFinal: true })),
    };
  };
}
