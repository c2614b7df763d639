const longestSide = 1000

/** Shows the rear camera in `video` and resolves with the first code it sees; undefined once `signal` is aborted. */
export async function readQrFromVideo(video: HTMLVideoElement, signal: AbortSignal): Promise<string | undefined> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 } },
  })
  try {
    if (signal.aborted) return undefined
    video.srcObject = stream
    await video.play()
    while (!signal.aborted) {
      const text = video.videoWidth === 0 ? undefined : await tryRead(video, video.videoWidth, video.videoHeight)
      if (text !== undefined) return text
      await new Promise((resolve) => setTimeout(resolve, 120))
    }
    return undefined
  } finally {
    for (const track of stream.getTracks()) track.stop()
    video.srcObject = null
  }
}

/** Reads the code in a picture file. Rejects when there is none. */
export async function readQrFromFile(file: Blob): Promise<string> {
  const picture = await createImageBitmap(file)
  try {
    const text = await tryRead(picture, picture.width, picture.height, 4)
    if (text === undefined) throw new Error('The picture holds no readable code')
    return text
  } finally {
    picture.close()
  }
}

async function tryRead(source: CanvasImageSource, width: number, height: number, effort = 1): Promise<string | undefined> {
  const scale = Math.min(1, longestSide / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return undefined
  context.drawImage(source, 0, 0, canvas.width, canvas.height)
  const image = context.getImageData(0, 0, canvas.width, canvas.height)
  const { decodeQR } = await import('qr/decode.js')
  try {
    return decodeQR({ width: image.width, height: image.height, data: image.data }, { effort, timeLimit: 200 * effort })
  } catch {
    return undefined
  }
}
