import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { RegisterChange } from "../../agent/drivers/jbd/settings/settings.ts";
import type { Address } from "../../common/model/address.ts";
import { factoryModeMarker } from "../../common/runtime/settings-directory.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { Marker } from "./factory-mode.ts";
import { STORE_FILES, storeFolder } from "./store-names.ts";
import { hex, type WriteRecord } from "./write-registers.ts";

/** Everything that is kept on disk about the parameters of one pack. */
export interface PackStore {
  readonly marker: Marker;
  /** Saves the text of the state before a change; it is on disk when this returns. Returns the file's path. */
  save(text: string, takenAt: number): string;
  /** True of a file that `save` wrote for this pack. */
  hasSaved(file: string): boolean;
  /** One line of the audit file, on disk when this returns. */
  audit(record: WriteRecord): void;
  /** The change that is under way, or that was interrupted. */
  readonly journal: Journal;
  /** The text that was kept under this name, undefined where there is none. */
  read(name: StoreFile): string | undefined;
  /** Keeps a text under a name, in place of an earlier one. */
  keep(name: StoreFile, text: string): void;
}

type StoreFile = "known" | "changes";

export interface Journal {
  begin(change: UnfinishedChange): void;
  end(): void;
  /** Undefined where no change is open. */
  read(): UnfinishedChange | undefined;
}

/** A change, from before its first write until the pack was read again after it, or everything was put back. */
export interface UnfinishedChange {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** The state before it. */
  readonly file: string;
  readonly changes: readonly RegisterChange[];
  readonly isCommitted: boolean;
}

/** The person, for the audit file. */
export interface Author {
  readonly user: string;
  /** The user who ran sudo. */
  readonly sudoUser?: string;
}

export interface StoreOptions {
  /** `settingsDirectory()` */
  readonly directory: string;
  /** The pack's name, or its address. */
  readonly name: string;
  readonly address: Address;
  readonly author: Author;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

const AUDIT = "audit.jsonl";

export function openPackStore({ directory, name, address, author, now }: StoreOptions): PackStore {
  const folder = storeFolder(directory, name);
  const marker = factoryModeMarker(directory, address);
  const journal = join(folder, STORE_FILES.journal);
  return {
    marker: {
      set: () => writeDurably(marker, ""),
      clear: () => rmSync(marker, { force: true }),
    },
    save(text, takenAt) {
      const file = join(folder, `${new Date(takenAt).toISOString().replaceAll(":", "-").replace(/\.\d+/, "")}.toml`);
      writeDurably(file, text);
      return file;
    },
    hasSaved: (file) => dirname(resolve(file)) === resolve(folder),
    audit({ register, before, after, found }) {
      const line = {
        time: new Date(now()).toISOString(),
        ...author,
        pack: name,
        address,
        register: `0x${register.toString(16).padStart(2, "0")}`,
        old: hex(before),
        new: hex(after),
        read: found ? hex(found) : null,
      };
      inDirectory(directory, () =>
        appendFileSync(join(directory, AUDIT), `${JSON.stringify(line)}\n`, { mode: 0o640 }),
      );
    },
    journal: {
      begin: (change) => writeDurably(journal, `${JSON.stringify(encodeChange(change))}\n`),
      end: () => rmSync(journal, { force: true }),
      read: () => decodeChange(readIfThere(journal)),
    },
    read: (file) => readIfThere(join(folder, STORE_FILES[file])),
    keep: (file, text) => writeDurably(join(folder, STORE_FILES[file]), text),
  };
}

/** @throws {UsageError} where this user may not write there */
function inDirectory<T>(directory: string, write: () => T): T {
  try {
    mkdirSync(directory, { recursive: true });
    return write();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EROFS") throw error;
    throw new UsageError(
      `${directory} cannot be written (${message}): run this with sudo, or name another place with --settings-directory`,
      { cause: error },
    );
  }
}

/** File and folder entry are on disk when this returns. */
function writeDurably(file: string, text: string): void {
  inDirectory(dirname(file), () => {
    rmSync(file, { force: true });
    // "wx": a link that somebody put there is not followed.
    const descriptor = openSync(file, "wx", 0o640);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const folder = openSync(dirname(file), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function encodeChange({ changes, ...rest }: UnfinishedChange) {
  return {
    ...rest,
    changes: changes.map(({ register, before, after }) => ({ register, before: hex(before), after: hex(after) })),
  };
}

/** @throws {UsageError} where the file is damaged */
function decodeChange(text: string | undefined): UnfinishedChange | undefined {
  if (text === undefined) return undefined;
  try {
    const { at, file, changes, isCommitted } = JSON.parse(text) as ReturnType<typeof encodeChange>;
    const bytes = (digits: string) => Uint8Array.from(Buffer.from(digits, "hex"));
    return {
      at: Number(at),
      file: String(file),
      isCommitted: isCommitted === true,
      changes: changes.map(({ register, before, after }) => ({
        register: Number(register),
        before: bytes(before),
        after: bytes(after),
      })),
    };
  } catch (error) {
    throw new UsageError(
      `${STORE_FILES.journal} is damaged: compare the pack with the last file beside it by bmsctl settings diff`,
      {
        cause: error,
      },
    );
  }
}
