// Preloaded before tsx: replaces the source of one file by that of a mutant, without touching the file. $MUTANT_PATH is the
// file, $MUTANT_SOURCE the file with the other source. It is JavaScript because tsx is not loaded yet.
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";

if (isMainThread) register(import.meta.url);

const mutated = pathToFileURL(process.env.MUTANT_PATH).href;

export async function load(url, context, nextLoad) {
  if (url.split("?")[0] !== mutated) return nextLoad(url, context);
  return { format: "module", source: await readFile(process.env.MUTANT_SOURCE, "utf8"), shortCircuit: true };
}
