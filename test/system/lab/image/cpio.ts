/** What the kernel unpacks into its first file system. Everything belongs to root. */
export type CpioEntry = { readonly path: string; readonly mode: number } & (
  | { readonly kind: "folder" }
  | { readonly kind: "file"; readonly data: Uint8Array }
  | { readonly kind: "link"; readonly target: string }
);

const FORMAT_BITS = { folder: 0o040000, file: 0o100000, link: 0o120000 } as const;

/**
 * The entries as one cpio archive in the "newc" format (Linux: driver-api/early-userspace/buffer-format): a header of
 * 13 hexadecimal fields of 8 digits, the name with its NUL, the data, each padded to 4 bytes.
 * Folders must stand before what they hold. Archives may be joined end to end; later entries replace earlier ones.
 */
export function encodeCpio(entries: readonly CpioEntry[]): Buffer {
  const parts: Buffer[] = [];
  entries.forEach((entry, index) => {
    parts.push(...record(entry.path, index + 1, FORMAT_BITS[entry.kind] | entry.mode, content(entry)));
  });
  parts.push(...record("TRAILER!!!", 0, 0, Buffer.alloc(0)));
  return Buffer.concat(parts);
}

function content(entry: CpioEntry): Uint8Array {
  if (entry.kind === "file") return entry.data;
  return entry.kind === "link" ? Buffer.from(entry.target) : Buffer.alloc(0);
}

function record(path: string, inode: number, mode: number, data: Uint8Array): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const owner = [0, 0];
  const links = 1;
  const time = 0;
  const devices = [0, 0, 0, 0];
  const checksum = 0;
  const fields = [inode, mode, ...owner, links, time, data.length, ...devices, name.length, checksum];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [header, name, padding(header.length + name.length), Buffer.from(data), padding(data.length)];
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
