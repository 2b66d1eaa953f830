import { rmSync, truncateSync } from "node:fs";
import { basename, dirname } from "node:path";
import { type FileSystem, realFileSystem } from "../../agent/outbox/spool/file-system.ts";

export interface FailingFiles {
  readonly fs: FileSystem;
  /** Calls in their order, with the name of the file: `write readings-00000001.spool`. */
  readonly calls: string[];
  /** Called before each call; throws to end the program there, or to let the disk fail. */
  beforeCall: (call: string) => void;
  /** Bytes that fit on the disk from here on. */
  room: number;
  /** Removes what a power cut would: files whose names, and bytes whose content, were not synced. */
  cutPower(): void;
}

/** The real file system, which fails and forgets on demand. */
export function failingFiles(): FailingFiles {
  const paths = new Map<number, string>();
  /** Bytes written and bytes synced of each file that this program wrote. */
  const files = new Map<string, { written: number; synced: number; isNamed: boolean }>();
  const calls: string[] = [];
  const stateOf = (path: string) => {
    const state = files.get(path) ?? { written: 0, synced: 0, isNamed: false };
    files.set(path, state);
    return state;
  };
  const ofFile = (file: number) => stateOf(paths.get(file) ?? "");
  function note(call: string, path: string) {
    const text = `${call} ${basename(path)}`;
    calls.push(text);
    failing.beforeCall(text);
  }
  const synced = (file: number) => {
    const state = ofFile(file);
    state.synced = state.written;
  };
  const fs: FileSystem = {
    ...realFileSystem,
    create(path) {
      note("create", path);
      const file = realFileSystem.create(path);
      paths.set(file, path);
      files.delete(path);
      stateOf(path);
      return file;
    },
    write(file, bytes) {
      note("write", paths.get(file) ?? "");
      const part = bytes.subarray(0, failing.room);
      if (part.length === 0) throw new Error("ENOSPC: no space left on device, write");
      failing.room -= part.length;
      ofFile(file).written += part.length;
      return realFileSystem.write(file, part);
    },
    truncate(file, length) {
      note("truncate", paths.get(file) ?? "");
      ofFile(file).written = length;
      realFileSystem.truncate(file, length);
    },
    sync(file) {
      note("sync", paths.get(file) ?? "");
      synced(file);
    },
    async syncLater(file) {
      note("sync later", paths.get(file) ?? "");
      synced(file);
    },
    syncFolder(folder) {
      note("sync folder", folder);
      for (const [path, state] of files) if (dirname(path) === folder) state.isNamed = true;
    },
    rename(from, to) {
      note("rename", from);
      realFileSystem.rename(from, to);
      const state = files.get(from);
      if (state) files.set(to, { ...state, isNamed: true });
      files.delete(from);
    },
    copy(from, to) {
      note("copy", from);
      realFileSystem.copy(from, to);
    },
    remove(path) {
      note("remove", path);
      realFileSystem.remove(path);
      files.delete(path);
    },
  };
  const failing: FailingFiles = {
    fs,
    calls,
    beforeCall() {},
    room: Number.POSITIVE_INFINITY,
    cutPower() {
      for (const [path, { synced, isNamed }] of files) {
        if (isNamed) truncateSync(path, synced);
        else rmSync(path, { force: true });
      }
      files.clear();
    },
  };
  return failing;
}
