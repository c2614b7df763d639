import { AgentError } from '../errors.ts'
import { concatBytes } from './bytes.ts'
import type { StrippedPicture } from './portrait-jpeg.ts'

const KEPT = new Set(['VP8X', 'ALPH', 'VP8 ', 'VP8L'])
/** VP8X flags: only transparency may remain. */
const ALPHA = 0x10
const ANIMATION = 0x02

/**
 * Keeps of a still WebP what makes the picture; EXIF, XMP, colour profile and unknown chunks go.
 * @throws AgentError `ERR_PORTRAIT_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9649#section-2
 */
export function stripWebp(picture: Uint8Array): StrippedPicture {
  const view = new DataView(picture.buffer, picture.byteOffset, picture.byteLength)
  const end = picture.length < 20 ? 0 : 8 + view.getUint32(4, true)
  if (end < 20 || end > picture.length) throw invalid()
  const kept: Uint8Array[] = []
  let size: { width: number, height: number } | undefined
  for (let at = 12; at < end;) {
    if (at + 8 > end) throw invalid()
    const tag = String.fromCharCode(...picture.subarray(at, at + 4))
    const length = view.getUint32(at + 4, true)
    const next = at + 8 + length + (length & 1)
    if (at + 8 + length > end) throw invalid()
    if (KEPT.has(tag)) {
      const chunk = new Uint8Array(8 + length + (length & 1))
      chunk.set(picture.subarray(at, at + 8 + length))
      if (tag === 'VP8X') {
        if (length !== 10 || ((chunk[8] as number) & ANIMATION) !== 0) throw invalid()
        chunk[8] = (chunk[8] as number) & ALPHA
      } else if (tag !== 'ALPH') {
        if (size !== undefined) throw invalid()
        size = sizeOf(tag, chunk.subarray(8, 8 + length))
      }
      kept.push(chunk)
    }
    at = next
  }
  if (size === undefined) throw invalid()
  return { bytes: riff(kept), ...size }
}

/** Brings a stripped WebP to a size with one unknown chunk of zeros at its end, which readers skip. */
export function padWebp(bytes: Uint8Array, size: number): Uint8Array {
  const chunk = new Uint8Array(size - bytes.length)
  chunk.set(new TextEncoder().encode('PAD '))
  new DataView(chunk.buffer).setUint32(4, chunk.length - 8, true)
  return riff([bytes.subarray(12), chunk])
}

function riff(chunks: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(12)
  header.set(new TextEncoder().encode('RIFF'))
  header.set(new TextEncoder().encode('WEBP'), 8)
  const whole = concatBytes([header, ...chunks])
  new DataView(whole.buffer).setUint32(4, whole.length - 8, true)
  return whole
}

function sizeOf(tag: string, data: Uint8Array): { width: number, height: number } {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (tag === 'VP8L') {
    if (data.length < 5 || data[0] !== 0x2f) throw invalid()
    const bits = view.getUint32(1, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
  }
  // A key frame (first bit zero) with its start code (RFC 6386 §9.1).
  if (data.length < 10 || ((data[0] as number) & 1) !== 0) throw invalid()
  if (data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) throw invalid()
  return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff }
}

function invalid(): AgentError {
  return new AgentError('ERR_PORTRAIT_INVALID', 'The WebP picture is damaged, moves, or is not one that can be read.')
}
