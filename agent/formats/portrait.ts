import { AgentError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64url.ts'
import { padJpeg, stripJpeg } from './portrait-jpeg.ts'
import { padWebp, stripWebp } from './portrait-webp.ts'

/** Every portrait has this many bytes, so that the size of a card tells nothing about who holds it. */
export const PORTRAIT_BYTES = 16_384

/** What a picture may have after its metadata is gone: the padding needs some bytes of its own. */
export const MAX_PICTURE_BYTES = PORTRAIT_BYTES - 16

/** Nothing longer is looked at. */
const MAX_INPUT_BYTES = 4 * 1024 * 1024
const MAX_SIDE = 2_048

export interface Portrait {
  readonly mediaType: 'image/jpeg' | 'image/webp'
  readonly bytes: Uint8Array
}

/**
 * Makes a portrait of a picture: told by its first bytes, not by what anybody says it is; without place, time,
 * camera, colour profile, thumbnail, comment or anything after the picture; padded inside the file to
 * `PORTRAIT_BYTES`. The orientation goes with the metadata: turn the pixels before.
 * @throws AgentError `ERR_PORTRAIT_INVALID`, `ERR_PORTRAIT_TOO_LARGE`
 */
export function preparePortrait(picture: Uint8Array): Portrait {
  if (picture.length > MAX_INPUT_BYTES) throw tooLarge('the file is too large')
  const mediaType = sniffPicture(picture)
  const { bytes, width, height } = mediaType === 'image/jpeg' ? stripJpeg(picture) : stripWebp(picture)
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
    throw new AgentError('ERR_PORTRAIT_INVALID', `A portrait has sides of at most ${MAX_SIDE} pixels.`)
  }
  if (bytes.length > MAX_PICTURE_BYTES) {
    throw tooLarge(`the picture alone may have ${MAX_PICTURE_BYTES} bytes, this one has ${bytes.length}`)
  }
  return { mediaType, bytes: mediaType === 'image/jpeg' ? padJpeg(bytes, PORTRAIT_BYTES) : padWebp(bytes, PORTRAIT_BYTES) }
}

/** `data:` URI of a portrait; of the same length for everybody. */
export function encodePortraitUri({ mediaType, bytes }: Portrait): string {
  return `data:${mediaType};base64,${encodeBase64(bytes)}`
}

/**
 * Reads the portrait of a card, and insists that it has the one size and is the picture its type says.
 * @throws AgentError `ERR_PORTRAIT_INVALID`
 */
export function decodePortraitUri(uri: string): Portrait {
  const [, mediaType, data] = /^data:(image\/jpeg|image\/webp);base64,(.*)$/s.exec(uri) ?? []
  if (mediaType === undefined || data === undefined) throw invalid()
  let bytes: Uint8Array
  try {
    bytes = decodeBase64(data)
  } catch {
    throw invalid()
  }
  if (bytes.length !== PORTRAIT_BYTES || sniffPicture(bytes) !== mediaType) throw invalid()
  return { mediaType, bytes }
}

function sniffPicture(bytes: Uint8Array): Portrait['mediaType'] {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg'
  const tag = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (tag(0) === 'RIFF' && tag(8) === 'WEBP') return 'image/webp'
  throw invalid()
}

function invalid(): AgentError {
  return new AgentError('ERR_PORTRAIT_INVALID', 'The portrait is neither a JPEG nor a WebP picture as a card holds it.')
}

function tooLarge(reason: string): AgentError {
  return new AgentError('ERR_PORTRAIT_TOO_LARGE', `The portrait does not fit: ${reason}.`)
}
