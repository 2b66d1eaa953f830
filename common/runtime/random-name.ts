/**
 * A name that nothing else has: 64 random bits as 16 hexadecimal digits. `random` returns from 0 up to but not including 1;
 * V8 seeds Math.random with 64 bits of the kernel's for each process. Node's crypto would cost each process 1 MB.
 */
export function randomName(random: () => number): string {
  const digits = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return digits() + digits();
}
