import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { type Libc, type LibcResult, loadLibc } from "./libc.ts";
import { LockError, type Locks, lockName, MAX_CONTENDERS, type OnContender, type ProcessLock } from "./process-lock.ts";

const { O_RDONLY, O_CREAT, O_DIRECTORY, O_NOFOLLOW } = constants;
/** Files and sockets are for their owner and the group of the directory, whatever the umask of the process. */
const FILE_UMASK = 0o117;

/**
 * Locks on files in a directory (flock(2)). Who may enter the directory decides who may lock. Processes of several users
 * share the files through the directory's group, which its setgid bit passes on.
 */
export function fileLocks(directory: string, load: () => Promise<LibcResult<Libc>> = loadLibc): Locks {
  const pathOf = (resource: string) => join(directory, lockName(resource));
  const socketPath = (resource: string) => `${pathOf(resource)}.sock`;

  async function lock(resource: string, mode: "exclusive" | "shared"): Promise<(() => void) | undefined> {
    const libc = await libcFor(directory, load);
    try {
      return lockFile(pathOf(resource), mode, libc);
    } catch (error) {
      throw explain(error, directory);
    }
  }

  async function hold(resource: string, mode: "exclusive" | "shared"): Promise<ProcessLock | undefined> {
    const free = await lock(resource, mode);
    return free && { release: async () => free() };
  }

  return {
    exclusive: (resource) => hold(resource, "exclusive"),
    shared: (resource) => hold(resource, "shared"),
    socketPath,
    async queued(resource, onContender) {
      const free = await lock(resource, "exclusive");
      return free && listen(socketPath(resource), onContender, free);
    },
  };
}

/**
 * Locks a directory that exists, by itself and for one process (flock(2)): nothing is written to it, so it may be full or
 * read-only, and processes in other namespaces that reach it are excluded too. Undefined while another process holds it.
 *
 * @throws {LockError}
 */
export async function lockDirectory(directory: string, load = loadLibc): Promise<ProcessLock | undefined> {
  const libc = await libcFor(directory, load);
  const fd = openSync(directory, O_RDONLY | O_DIRECTORY);
  const locked = libc.flock(fd, "exclusive");
  if (!("failure" in locked)) {
    const close = once(() => closeSync(fd));
    return { release: async () => close() };
  }
  closeSync(fd);
  if (locked.failure.code === "EAGAIN") return undefined;
  throw new LockError(`${directory} cannot be locked: ${locked.failure.message}`);
}

async function libcFor(directory: string, load: () => Promise<LibcResult<Libc>>): Promise<Libc> {
  const libc = await load();
  if ("value" in libc) return libc.value;
  const remedy = "reinstall the package, or run npm ci where bms runs from a clone";
  throw new LockError(`nothing can be locked in ${directory}: ${libc.failure.message}; ${remedy}`);
}

/** Returns the function that frees the lock, or undefined while another process holds it. */
function lockFile(path: string, mode: "exclusive" | "shared", libc: Libc): (() => void) | undefined {
  for (;;) {
    const fd = openLockFile(path);
    const locked = libc.flock(fd, mode);
    if ("failure" in locked) {
      closeSync(fd);
      if (locked.failure.code === "EAGAIN") return undefined;
      throw new LockError(`${path} cannot be locked: ${locked.failure.message}`);
    }
    // A file that its last holder removed meanwhile locks nothing.
    if (isFileAt(path, fd)) {
      return once(() => {
        // Others may hold a shared lock on this file.
        if (mode === "exclusive") rmSync(path, { force: true });
        closeSync(fd);
      });
    }
    closeSync(fd);
  }
}

/** The number of a closed file may soon be another file's: it is closed once. */
function once(close: () => void): () => void {
  let isClosed = false;
  return () => {
    if (isClosed) return;
    isClosed = true;
    close();
  };
}

function isFileAt(path: string, fd: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}

function openLockFile(path: string): number {
  try {
    return withUmask(FILE_UMASK, () => openSync(path, O_RDONLY | O_CREAT | O_NOFOLLOW, 0o660));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    createDirectory(dirname(path));
    return openLockFile(path);
  }
}

/** Created for the owner and the group of its parent. The package creates it at boot. */
function createDirectory(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o770 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return;
  }
  const fd = openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const { uid, gid } = statSync(dirname(directory));
  try {
    if (process.getuid?.() === 0) fchownSync(fd, uid, gid);
    fchmodSync(fd, 0o770);
    // RestrictSUIDSGID= in a unit refuses this bit. The directory is then that of the service's user and group already.
    fchmodSync(fd, 0o2770);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
  } finally {
    closeSync(fd);
  }
}

/** Node binds and listens before `listen` returns, so only a process that is stopped in between has a lock without a socket. */
function listen(path: string, onContender: OnContender, free: () => void): Promise<ProcessLock> {
  return new Promise((resolve, reject) => {
    const server = createServer(onContender);
    server.maxConnections = MAX_CONTENDERS;
    server.once("error", (error) => {
      free();
      reject(explain(error, dirname(path)));
    });
    // Left behind by a holder that was killed.
    rmSync(path, { force: true });
    withUmask(FILE_UMASK, () =>
      server.listen({ path }, () => {
        server.unref();
        resolve({ release: () => new Promise((released) => freeAfter(() => server.close(() => released()), free)) });
      }),
    );
  });
}

/** Closing removes the socket at once; the next holder may then make its own. */
function freeAfter(close: () => void, free: () => void): void {
  close();
  free();
}

/** Runs synchronous work with another umask. */
function withUmask<T>(mask: number, work: () => T): T {
  const before = process.umask(mask);
  try {
    return work();
  } finally {
    process.umask(before);
  }
}

function explain(error: unknown, directory: string): LockError {
  if (error instanceof LockError) return error;
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  return new LockError(`nothing can be locked in ${directory} (${code}): ${remedy(code, directory)}`, { cause: error });
}

function remedy(code: string, directory: string): string {
  if (code === "EACCES" || code === "EPERM") {
    return "use sudo, or join the group bms (sudo usermod -aG bms NAME) and log in again";
  }
  if (code === "EROFS") return `add ReadWritePaths=${directory} to the unit of this service`;
  if (code === "ENOENT") return `create ${dirname(directory)} with systemd-tmpfiles --create bms.conf`;
  return `check that directory, or create it anew with systemd-tmpfiles --create bms.conf`;
}
