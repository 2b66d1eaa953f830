import type { PackStore, UnfinishedChange } from "../../../control/settings/store.ts";
import type { WriteRecord } from "../../../control/settings/write-registers.ts";

/** Files that outlive a process, in memory. */
export interface Disk {
  readonly store: PackStore;
  readonly audit: readonly WriteRecord[];
  isMarked(): boolean;
  /** Text of the state that was saved before the first change. */
  saved(): string | undefined;
}

export function createDisk(): Disk {
  const audit: WriteRecord[] = [];
  const files = new Map<string, string>();
  let isMarked = false;
  let unfinished: UnfinishedChange | undefined;
  return {
    audit,
    isMarked: () => isMarked,
    saved: () => files.get(nameOf(0)),
    store: {
      marker: {
        set() {
          isMarked = true;
        },
        clear() {
          isMarked = false;
        },
      },
      save(text) {
        const name = nameOf([...files.keys()].filter((file) => file.startsWith("saved")).length);
        files.set(name, text);
        return name;
      },
      hasSaved: (file) => files.has(file),
      audit: (record) => audit.push(record),
      journal: {
        begin(change) {
          unfinished = change;
        },
        end() {
          unfinished = undefined;
        },
        read: () => unfinished,
      },
      read: (name) => files.get(name),
      keep: (name, text) => void files.set(name, text),
    },
  };
}

const nameOf = (number: number) => `saved-${number}.toml`;
