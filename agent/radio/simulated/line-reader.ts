import { LineError } from "./json-lines.ts";

/** Cuts a stream into lines; `onLine` gets each without its end. What it returns @throws {LineError} at a line too long */
export function lineReader(maxBytes: number, onLine: (line: string) => void): (chunk: Buffer) => void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...held, chunk.subarray(from, end)]);
      held = [];
      heldBytes = 0;
      from = end + 1;
      onLine(line.toString("utf8"));
    }
    held.push(chunk.subarray(from));
    heldBytes += chunk.length - from;
    if (heldBytes > maxBytes) throw new LineError(`a line of more than ${maxBytes} bytes`);
  };
}
