import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeQR } from 'qr'

const WIDTH = 640
const HEIGHT = 480

/** A film that Chromium's pretended camera plays: a QR code held in front of it, in YUV4MPEG2. */
export function filmQrCode(text: string): string {
  const rows = encodeQR(text, 'raw', { ecc: 'low', border: 4 })
  const scale = Math.floor(Math.min(WIDTH, HEIGHT) / rows.length)
  const left = Math.floor((WIDTH - rows.length * scale) / 2)
  const top = Math.floor((HEIGHT - rows.length * scale) / 2)
  const luma = Buffer.alloc(WIDTH * HEIGHT, 235)
  rows.forEach((row, y) => row.forEach((isDark, x) => {
    if (!isDark) return
    for (let line = 0; line < scale; line += 1) {
      const from = (top + y * scale + line) * WIDTH + left + x * scale
      luma.fill(16, from, from + scale)
    }
  }))
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma])
  const file = join(mkdtempSync(join(tmpdir(), 'symbolon-film-')), 'camera.y4m')
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420\n`), frame, frame]))
  return file
}
