import { AgentError } from '../errors.ts'
import { concatBytes } from '../formats/bytes.ts'

/** `deflate` is the ZLIB format of RFC 1950, which token status lists use; `gzip` (RFC 1952) that of bitstring lists. */
export type CompressionKind = 'deflate' | 'gzip'

/** Compresses bytes. The default is the platform's `CompressionStream`; servers may bring a better level. */
export type Compress = (bytes: Uint8Array, kind: CompressionKind) => Promise<Uint8Array>

/** Compresses with the platform's own `CompressionStream`. @see https://compression.spec.whatwg.org/#compression-stream */
export const compressWithStream: Compress = async (bytes, kind) => {
  return collect(streamOf(bytes).pipeThrough(new CompressionStream(kind)), Infinity)
}

/**
 * Decompresses what a stranger sent. What comes out is bounded, not what goes in: a few kilobytes can hold gigabytes.
 * @throws AgentError `ERR_STATUS_LIST_TOO_LARGE`, `ERR_STATUS_LIST_INVALID`
 */
export async function decompressBounded(bytes: Uint8Array, kind: CompressionKind, maxBytes: number): Promise<Uint8Array> {
  try {
    return await collect(streamOf(bytes).pipeThrough(new DecompressionStream(kind)), maxBytes)
  } catch (cause) {
    if (cause instanceof AgentError) throw cause
    throw new AgentError('ERR_STATUS_LIST_INVALID', 'The status list does not decompress.', { cause })
  }
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes))
      controller.close()
    },
  })
}

async function collect(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > maxBytes) {
      // The refusal below is what counts; a stream that cannot even be cancelled changes nothing about it.
      await reader.cancel().catch(() => undefined)
      throw new AgentError('ERR_STATUS_LIST_TOO_LARGE', `The status list has more than ${maxBytes} bytes.`)
    }
    chunks.push(value)
  }
  return concatBytes(chunks)
}
