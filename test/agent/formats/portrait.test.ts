import { expect } from 'chai'
import fc from 'fast-check'
import { AgentError } from '../../../agent/errors.ts'
import { decodePortraitUri, encodePortraitUri, MAX_PICTURE_BYTES, PORTRAIT_BYTES, preparePortrait } from '../../../agent/formats/portrait.ts'
import { expectCode } from '../expect-code.ts'
import { jpegOfSize, jpegSegment, tinyJpeg, tinyWebp, webpChunk } from '../pictures.ts'

const SECRET = 'Exif\0\0 GPS 41.1496 N 8.6110 W'

const holds = (bytes: Uint8Array, text: string): boolean => Buffer.from(bytes).includes(text)

describe('portrait', () => {
  it('always has the same size, in the file and in the card', () => {
    const pictures = [tinyJpeg(), jpegOfSize(9_000), jpegOfSize(MAX_PICTURE_BYTES - 70), tinyWebp(), tinyWebp([], 0x10)]
    const portraits = pictures.map(preparePortrait)
    expect(portraits.map(({ bytes }) => bytes.length)).to.deep.equal(portraits.map(() => PORTRAIT_BYTES))
    expect(portraits.map(({ mediaType }) => mediaType)).to.deep.equal(['image/jpeg', 'image/jpeg', 'image/jpeg', 'image/webp', 'image/webp'])
    expect(new Set(portraits.map((portrait) => encodePortraitUri(portrait).length)).size).to.equal(1)
  })

  it('is as it was when it is prepared a second time', () => {
    for (const picture of [tinyJpeg(), jpegOfSize(5_000), tinyWebp()]) {
      const once = preparePortrait(picture)
      expect(preparePortrait(once.bytes)).to.deep.equal(once)
    }
  })

  it('is still a picture: everything that makes it is there, padded in places that readers skip', () => {
    const jpeg = preparePortrait(tinyJpeg()).bytes
    expect([...jpeg.subarray(0, 4)]).to.deep.equal([0xff, 0xd8, 0xff, 0xfe])
    const comment = ((jpeg[4] as number) << 8) | (jpeg[5] as number)
    expect(Buffer.from(jpeg.subarray(4 + comment))).to.deep.equal(Buffer.from(tinyJpeg().subarray(2)))
    const webp = preparePortrait(tinyWebp()).bytes
    expect(Buffer.from(webp.subarray(12, tinyWebp().length))).to.deep.equal(Buffer.from(tinyWebp().subarray(12)))
    expect(Buffer.from(webp).readUInt32LE(4)).to.equal(PORTRAIT_BYTES - 8)
  })

  it('loses place, time, camera, colour profile, thumbnail, comments and what follows the picture', () => {
    const jpeg = tinyJpeg([0xe0, 0xe1, 0xe2, 0xed, 0xee, 0xfe].map((marker) => jpegSegment(marker, SECRET)))
    expect(holds(jpeg, 'GPS')).to.equal(true)
    expect(holds(preparePortrait(jpeg).bytes, 'GPS')).to.equal(false)
    expect(holds(preparePortrait(Buffer.concat([tinyJpeg(), Buffer.from(SECRET)])).bytes, 'GPS')).to.equal(false)

    const webp = tinyWebp(['EXIF', 'XMP ', 'ICCP', 'what'].map((tag) => webpChunk(tag, Buffer.from(SECRET))), 0x3c)
    expect(holds(webp, 'GPS')).to.equal(true)
    const stripped = preparePortrait(webp).bytes
    expect(holds(stripped, 'GPS')).to.equal(false)
    expect(stripped[20], 'flags of VP8X').to.equal(0x10)
    expect(holds(preparePortrait(Buffer.concat([tinyWebp(), Buffer.from(SECRET)])).bytes, 'GPS')).to.equal(false)
  })

  it("keeps Adobe's marker, which tells the colours, when it is nothing more", () => {
    const adobe = jpegSegment(0xee, 'Adobe\0d\0\0\0\0\x01')
    expect(holds(preparePortrait(tinyJpeg([adobe])).bytes, 'Adobe')).to.equal(true)
    expect(holds(preparePortrait(tinyJpeg([jpegSegment(0xee, 'Adobe\0d\0\0\0\0\x01 and more')])).bytes, 'Adobe')).to.equal(false)
  })

  it('is refused when the picture is too large', async () => {
    await expectCode('ERR_PORTRAIT_TOO_LARGE', () => preparePortrait(jpegOfSize(MAX_PICTURE_BYTES + 80)))
    await expectCode('ERR_PORTRAIT_TOO_LARGE', () => preparePortrait(Buffer.concat([tinyJpeg(), Buffer.alloc(5 * 1024 * 1024)])))
    await expectCode('ERR_PORTRAIT_INVALID', () => preparePortrait(withJpegSize(2_049, 8)))
    await expectCode('ERR_PORTRAIT_INVALID', () => preparePortrait(withJpegSize(8, 0)))
    expect(preparePortrait(withJpegSize(2_048, 2_048)).bytes).to.have.length(PORTRAIT_BYTES)
  })

  it('is told by its bytes, not by a name', async () => {
    for (const bytes of [Buffer.from('GIF89a'), Buffer.from('\x89PNG\r\n'), Buffer.from('<svg/>'), Buffer.from('RIFF1234WAVE'), Buffer.alloc(0)]) {
      await expectCode('ERR_PORTRAIT_INVALID', () => preparePortrait(bytes))
    }
  })

  it('is refused when it moves', async () => {
    await expectCode('ERR_PORTRAIT_INVALID', () => preparePortrait(tinyWebp([], 0x02)))
  })

  it('is refused when the file is damaged anywhere', async () => {
    for (const picture of [tinyJpeg(), tinyWebp()]) {
      for (let length = 0; length < picture.length; length++) {
        await expectCode('ERR_PORTRAIT_INVALID', () => preparePortrait(picture.subarray(0, length)))
      }
    }
  })

  it('answers garbage with its own error, or makes a portrait of it', () => {
    const start = fc.constantFrom(Buffer.from([0xff, 0xd8, 0xff]), Buffer.from('RIFF\x20\0\0\0WEBPVP8L'), tinyJpeg(), tinyWebp())
    fc.assert(fc.property(start, fc.uint8Array({ maxLength: 60 }), fc.nat(200), (head, tail, at) => {
      const bytes = Uint8Array.from(Buffer.concat([head, tail]))
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ 0x55
      try {
        expect(preparePortrait(bytes).bytes).to.have.length(PORTRAIT_BYTES)
      } catch (error) {
        expect(error).to.be.instanceOf(AgentError)
      }
    }), { numRuns: 1_000 })
  })

  it('is read back from a card, and only in the one size and as what it says it is', async () => {
    const portrait = preparePortrait(tinyWebp())
    expect(decodePortraitUri(encodePortraitUri(portrait))).to.deep.equal(portrait)
    const bad = [
      'data:image/png;base64,AAAA', 'https://elsewhere.example/me.jpg', encodePortraitUri({ mediaType: 'image/jpeg', bytes: tinyJpeg() }),
      encodePortraitUri({ ...portrait, mediaType: 'image/jpeg' }), `${encodePortraitUri(portrait)} `,
    ]
    for (const uri of bad) await expectCode('ERR_PORTRAIT_INVALID', () => decodePortraitUri(uri))
  })
})

function withJpegSize(width: number, height: number): Uint8Array {
  const bytes = Uint8Array.from(tinyJpeg())
  const frame = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0)
  bytes.set([height >> 8, height & 0xff, width >> 8, width & 0xff], frame + 5)
  return bytes
}
