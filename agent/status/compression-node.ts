import { promisify } from 'node:util'
import { constants, deflate, gzip } from 'node:zlib'
import type { Compress } from './compression.ts'

const LEVEL = { level: constants.Z_BEST_COMPRESSION }
const deflateAsync = promisify<Uint8Array, object, Buffer>(deflate)
const gzipAsync = promisify<Uint8Array, object, Buffer>(gzip)

/** Compresses as well as zlib can, as Token Status List §4.1 recommends, off the main thread. */
export const compressNatively: Compress = (bytes, kind) => {
  return kind === 'deflate' ? deflateAsync(bytes, LEVEL) : gzipAsync(bytes, LEVEL)
}
