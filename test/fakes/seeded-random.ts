import { createHash } from 'node:crypto'

/** Bytes that look random and are the same at each run. */
export function createSeededRandom(seed: string): (length: number) => Uint8Array {
  let counter = 0
  let pool = Buffer.alloc(0)
  return (length) => {
    while (pool.length < length) pool = Buffer.concat([pool, createHash('sha256').update(`${seed}/${counter++}`).digest()])
    const taken = Uint8Array.from(pool.subarray(0, length))
    pool = pool.subarray(length)
    return taken
  }
}
