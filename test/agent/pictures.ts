import { Buffer } from 'node:buffer'

/** A baseline JPEG of 8 × 8 grey pixels, as small as they come: tables of one entry and a scan of one block. */
export function tinyJpeg(extra: readonly Uint8Array[] = []): Uint8Array {
  const segment = (marker: number, ...data: number[]): Buffer => Buffer.from([0xff, marker, 0, data.length + 2, ...data])
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...extra,
    segment(0xdb, 0, ...new Array<number>(64).fill(16)),
    segment(0xc0, 8, 0, 8, 0, 8, 1, 1, 0x11, 0),
    segment(0xc4, 0x00, 1, ...new Array<number>(15).fill(0), 0),
    segment(0xc4, 0x10, 1, ...new Array<number>(15).fill(0), 0),
    segment(0xda, 1, 1, 0x00, 0, 63, 0),
    Buffer.from([0x3f, 0xff, 0x00, 0xff, 0xd9]),
  ])
}

/** A segment of a JPEG with a text in it, such as APP1 with EXIF. */
export function jpegSegment(marker: number, text: string): Uint8Array {
  const data = Buffer.from(text)
  return Buffer.concat([Buffer.from([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 0xff]), data])
}

/** A lossless WebP of one pixel, with other chunks around it. */
export function tinyWebp(extra: readonly Uint8Array[] = [], flags?: number): Uint8Array {
  const vp8x = flags === undefined ? [] : [webpChunk('VP8X', Buffer.from([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]))]
  const pixel = webpChunk('VP8L', Buffer.from('2f0000000000888888fe07', 'hex'))
  const body = Buffer.concat([Buffer.from('WEBP'), ...vp8x, pixel, ...extra])
  const size = Buffer.alloc(4)
  size.writeUInt32LE(body.length)
  return Buffer.concat([Buffer.from('RIFF'), size, body])
}

export function webpChunk(tag: string, data: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(data.length)
  return Buffer.concat([Buffer.from(tag), size, data, Buffer.alloc(data.length & 1)])
}

/** The same picture with as many bytes as a photograph would have: tables that nobody uses make it so. */
export function jpegOfSize(bytes: number): Uint8Array {
  const table = (): Uint8Array => Buffer.concat([Buffer.from([0xff, 0xdb, 0, 67, 1]), Buffer.alloc(64, 16)])
  return tinyJpeg(Array.from({ length: Math.floor((bytes - tinyJpeg().length) / 69) }, table))
}
