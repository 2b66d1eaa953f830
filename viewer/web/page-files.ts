import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Answer } from "./answer.ts";
import { acceptedEncodings } from "./compression.ts";

/** A file of the page, in memory, in each encoding in which it may be sent. */
export interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly encodings: Readonly<Partial<Record<"br" | "gzip" | "identity", Uint8Array>>>;
}

/** By path: `/` for index.html, `/page.js`, … */
export type PageFiles = ReadonlyMap<string, PageFile>;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webmanifest": "application/manifest+json",
};
const COMPRESSED = /^(text|image\/svg|application)/;

const MISSING_PAGE =
  "<!doctype html><html lang=en><meta charset=utf-8><title>bms-viewer</title>" +
  "<p>The files of the page are not installed. Run npm run build, or install the package again, and restart bms-viewer. " +
  'The interfaces work: <a href="/api/v1/house">/api/v1/house</a>.</p></html>\n';

/** Reads every file of the page, for as long as the program runs. Without the folder, `/` says that the page is missing. */
export async function loadPageFiles(folder: string): Promise<PageFiles> {
  const names = await readdir(folder).catch((): string[] => []);
  const files = new Map<string, PageFile>([["/", await pageFile(".html", Buffer.from(MISSING_PAGE))]]);
  for (const name of names) {
    if (!Object.hasOwn(TYPES, extname(name))) continue;
    const file = await pageFile(extname(name), await readFile(join(folder, name)));
    files.set(name === "index.html" ? "/" : `/${name}`, file);
  }
  return files;
}

async function pageFile(extension: string, identity: Uint8Array): Promise<PageFile> {
  const type = TYPES[extension] ?? "application/octet-stream";
  const etag = `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`;
  if (!COMPRESSED.test(type)) return { type, etag, encodings: { identity } };
  const [br, zipped] = await Promise.all([
    promisify(brotliCompress)(identity, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: identity.length } }),
    promisify(gzip)(identity, { level: 9 }),
  ]);
  return { type, etag, encodings: { br, gzip: zipped, identity } };
}

export interface FileRequest {
  readonly acceptEncoding: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** The file in the best encoding that the client accepts; 304 if the client has it. The browser asks each time. */
export function fileAnswer({ type, etag, encodings }: PageFile, { acceptEncoding, ifNoneMatch }: FileRequest): Answer {
  const accepted = acceptedEncodings(acceptEncoding);
  const encoding = (["br", "gzip"] as const).find((name) => encodings[name] && accepted.has(name)) ?? "identity";
  const isKnown = ifNoneMatch?.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
  return {
    status: isKnown ? 304 : 200,
    type,
    body: encodings[encoding] ?? "",
    headers: {
      "cache-control": "no-cache",
      // The same for every encoding, so it is a weak validator.
      etag: `W/${etag}`,
      vary: "accept-encoding",
      ...(encoding !== "identity" && { "content-encoding": encoding }),
    },
  };
}
