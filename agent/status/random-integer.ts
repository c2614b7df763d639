export type RandomBytes = (length: number) => Uint8Array

/** A whole number in [0, bound), each as likely as the other; `bound` at most 2^32. */
export function randomInteger(bound: number, random: RandomBytes): number {
  const ceiling = 2 ** 32 - (2 ** 32 % bound)
  for (;;) {
    const bytes = random(4)
    const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
    if (value < ceiling) return value % bound
  }
}
