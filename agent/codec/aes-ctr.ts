/**
 * Decrypts by AES-128 in counter mode, from the counter block on that is given. The same function encrypts.
 * Node's crypto is loaded by the first call, as it costs a process 1 MB: most agents never need it.
 */
export function aes128Ctr(key: Uint8Array, counter: Uint8Array, bytes: Uint8Array): Uint8Array {
  const { createDecipheriv } = process.getBuiltinModule("node:crypto");
  return Uint8Array.from(createDecipheriv("aes-128-ctr", key, counter).update(bytes));
}
