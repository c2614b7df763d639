import { AgentError } from '../errors.ts'
import { concatBytes } from './bytes.ts'

export interface StrippedPicture {
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
}

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const COM = 0xfe
const APP14 = 0xee
const MAX_SEGMENT = 0xffff

/**
 * Keeps of a JPEG what makes the picture: tables, frames, scans, and Adobe's marker of the colour transform.
 * Every other application segment (EXIF, XMP, ICC, thumbnails), comments and what follows the picture go.
 * @throws AgentError `ERR_PORTRAIT_INVALID`
 * @see ITU-T T.81, annex B
 */
export function stripJpeg(picture: Uint8Array): StrippedPicture {
  const kept: Uint8Array[] = [picture.subarray(0, 2)]
  let width = 0
  let height = 0
  let scans = 0
  let at = 2
  for (;;) {
    if (picture[at] !== 0xff) throw invalid()
    while (picture[at + 1] === 0xff) at++
    const marker = picture[at + 1]
    if (marker === undefined || marker === 0 || marker === SOI) throw invalid()
    if (marker === EOI) break
    const length = ((picture[at + 2] ?? 0) << 8) | (picture[at + 3] ?? 0)
    let end = at + 2 + length
    if (length < 2 || end > picture.length) throw invalid()
    if (isFrameHeader(marker)) {
      if (width !== 0 || length < 8) throw invalid()
      height = ((picture[at + 5] as number) << 8) | (picture[at + 6] as number)
      width = ((picture[at + 7] as number) << 8) | (picture[at + 8] as number)
    }
    if (marker === SOS) {
      end = endOfScan(picture, end)
      scans++
    }
    if (!isMetadata(marker, length)) kept.push(picture.subarray(at, end))
    at = end
  }
  if (width === 0 || height === 0 || scans === 0) throw invalid()
  kept.push(Uint8Array.of(0xff, EOI))
  return { bytes: concatBytes(kept), width, height }
}

/** Brings a stripped JPEG to a size with comments of zeros straight after its start. */
export function padJpeg(bytes: Uint8Array, size: number): Uint8Array {
  const padded = new Uint8Array(size)
  padded.set(bytes.subarray(0, 2))
  let at = 2
  for (let rest = size - bytes.length; rest > 0;) {
    // A segment has 4 bytes of its own: never leave fewer for the next one.
    let take = Math.min(rest, MAX_SEGMENT + 2)
    if (rest - take > 0 && rest - take < 4) take -= 4
    padded.set([0xff, COM, ((take - 2) >> 8) & 0xff, (take - 2) & 0xff], at)
    at += take
    rest -= take
  }
  padded.set(bytes.subarray(2), at)
  return padded
}

/** Where the entropy-coded data ends: at the first marker that is neither a stuffed zero nor a restart. */
function endOfScan(picture: Uint8Array, from: number): number {
  for (let at = from; at + 1 < picture.length; at++) {
    if (picture[at] !== 0xff) continue
    const next = picture[at + 1] as number
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
  throw invalid()
}

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

/** Adobe's APP14 has 14 bytes and holds no more than the colour transform; a longer one could hold anything. */
function isMetadata(marker: number, length: number): boolean {
  if (marker === APP14) return length !== 14
  return marker === COM || (marker >= 0xe0 && marker <= 0xef)
}

function invalid(): AgentError {
  return new AgentError('ERR_PORTRAIT_INVALID', 'The JPEG picture is damaged or not one that can be read.')
}
