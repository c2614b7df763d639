import { encodeBase64 } from '../../agent/formats/base64url.ts'

/** The portrait's frame on every card, in pixels: 4 to 5, as the card shows it. */
export const PORTRAIT_WIDTH = 320
export const PORTRAIT_HEIGHT = 400

/** Where the officer set the frame: 1 is the largest frame that fits; x and y run from 0 (left, top) to 1. */
export interface CropChoice {
  readonly zoom: number
  readonly x: number
  readonly y: number
}

export interface CropRectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** How far the frame can move: dividing by the ratio can make it wider than the picture in the last bit. */
const roomFor = (picture: number, frame: number) => Math.max(0, picture - frame)

/** The part of a picture of this size (pixels) that the chosen frame covers; always inside the picture. */
export function cropOf(pictureWidth: number, pictureHeight: number, choice: CropChoice): CropRectangle {
  const ratio = PORTRAIT_WIDTH / PORTRAIT_HEIGHT
  const zoom = Math.max(1, choice.zoom)
  const fullWidth = Math.min(pictureWidth, pictureHeight * ratio)
  const width = fullWidth / zoom
  const height = width / ratio
  const clamp = (value: number) => Math.min(1, Math.max(0, value))
  return {
    left: roomFor(pictureWidth, width) * clamp(choice.x),
    top: roomFor(pictureHeight, height) * clamp(choice.y),
    width,
    height,
  }
}

/** The choice after dragging the picture by so many pixels of a frame shown this wide. */
export function dragCrop(
  pictureWidth: number, pictureHeight: number, choice: CropChoice, movedX: number, movedY: number, shownWidth: number,
): CropChoice {
  const { width, height } = cropOf(pictureWidth, pictureHeight, choice)
  const scale = width / shownWidth
  const move = (position: number, moved: number, room: number) =>
    room <= 0 ? position : Math.min(1, Math.max(0, position - moved * scale / room))
  return {
    zoom: choice.zoom,
    x: move(choice.x, movedX, pictureWidth - width),
    y: move(choice.y, movedY, pictureHeight - height),
  }
}

export interface EncodedPortrait {
  readonly mediaType: string
  /** base64, padded. */
  readonly data: string
  readonly bytes: number
}

const QUALITIES = [0.86, 0.76, 0.66, 0.56, 0.46, 0.36, 0.26]

/**
 * Encodes with falling quality until the portrait is small enough. Undefined when even the last is too large.
 * `encode` turns a quality (0 to 1) into the picture's bytes.
 */
export async function encodeWithin(
  maximumBytes: number, encode: (quality: number) => Promise<{ bytes: Uint8Array, mediaType: string }>,
): Promise<EncodedPortrait | undefined> {
  for (const quality of QUALITIES) {
    const { bytes, mediaType } = await encode(quality)
    if (bytes.length <= maximumBytes) return { mediaType, data: encodeBase64(bytes), bytes: bytes.length }
  }
  return undefined
}
