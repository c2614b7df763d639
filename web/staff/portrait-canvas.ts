import { PORTRAIT_HEIGHT, PORTRAIT_WIDTH, encodeWithin } from './portrait-crop.ts'
import type { CropRectangle, EncodedPortrait } from './portrait-crop.ts'

/** What a portrait may weigh: every card carries the same number of bytes, this much of it for the picture. */
const MAXIMUM_BYTES = 15_000

/** Decodes a picture, turned the way its camera was held. Rejects when it is no picture. */
export function loadPicture(source: Blob): Promise<ImageBitmap> {
  return createImageBitmap(source, { imageOrientation: 'from-image' })
}

/** Draws the framed part of a picture at the card's size. */
export function drawPortrait(canvas: HTMLCanvasElement, picture: CanvasImageSource, crop: CropRectangle): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  context.imageSmoothingQuality = 'high'
  // Transparent pictures would turn black as JPEG.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, PORTRAIT_WIDTH, PORTRAIT_HEIGHT)
  context.drawImage(picture, crop.left, crop.top, crop.width, crop.height, 0, 0, PORTRAIT_WIDTH, PORTRAIT_HEIGHT)
}

/** Encodes what was drawn as a small WebP, or JPEG where the browser has no WebP: pixels only, no file metadata. */
export function encodePortrait(canvas: HTMLCanvasElement): Promise<EncodedPortrait | undefined> {
  return encodeWithin(MAXIMUM_BYTES, async (quality) => {
    const webp = await toBlob(canvas, 'image/webp', quality)
    const blob = webp.type === 'image/webp' ? webp : await toBlob(canvas, 'image/jpeg', quality)
    return { bytes: new Uint8Array(await blob.arrayBuffer()), mediaType: blob.type }
  })
}

function toBlob(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => blob === null ? reject(new Error('The picture could not be encoded')) : resolve(blob), type, quality)
  })
}
