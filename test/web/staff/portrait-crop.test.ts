import { expect } from 'chai'
import fc from 'fast-check'
import { cropOf, dragCrop, encodeWithin } from '../../../web/staff/portrait-crop.ts'

const choices = fc.record({
  zoom: fc.double({ min: 1, max: 4, noNaN: true }),
  x: fc.double({ min: 0, max: 1, noNaN: true }),
  y: fc.double({ min: 0, max: 1, noNaN: true }),
})
const sizes = fc.integer({ min: 40, max: 6000 })

describe('cutting a portrait out of a picture', () => {
  it('always stays inside the picture and keeps the frame four to five', () => {
    fc.assert(fc.property(sizes, sizes, choices, (width, height, choice) => {
      const crop = cropOf(width, height, choice)
      expect(crop.left).to.be.at.least(0)
      expect(crop.top).to.be.at.least(0)
      expect(crop.left + crop.width).to.be.at.most(width + 1e-6)
      expect(crop.top + crop.height).to.be.at.most(height + 1e-6)
      expect(crop.width / crop.height).to.be.closeTo(0.8, 1e-9)
    }))
  })

  it('never begins before the picture, not even by the last bit of a number (1433 by 1791)', () => {
    expect(cropOf(1433, 1791, { zoom: 1, x: 0, y: Number.MIN_VALUE * 2 ** 20 }).top).to.be.at.least(0)
    expect(cropOf(1433, 1791, { zoom: 1, x: 0, y: 1 }).top).to.be.at.least(0)
  })

  it('takes the whole height of a wide picture and the middle of it', () => {
    expect(cropOf(4000, 3000, { zoom: 1, x: 0.5, y: 0.5 })).to.deep.equal({ left: 800, top: 0, width: 2400, height: 3000 })
  })

  it('follows the hand: the picture dragged right shows more of its left', () => {
    const moved = dragCrop(4000, 3000, { zoom: 1, x: 0.5, y: 0.5 }, 30, 0, 240)
    expect(cropOf(4000, 3000, moved).left).to.be.closeTo(800 - 300, 1e-6)
  })

  it('does not let a drag leave the picture', () => {
    fc.assert(fc.property(sizes, sizes, choices, fc.integer(), fc.integer(), (width, height, choice, movedX, movedY) => {
      const { x, y } = dragCrop(width, height, choice, movedX, movedY, 240)
      expect(x).to.be.within(0, 1)
      expect(y).to.be.within(0, 1)
    }))
  })

  it('lowers the quality until the portrait fits', async () => {
    const tried: number[] = []
    const encoded = await encodeWithin(500, async quality => {
      tried.push(quality)
      return { bytes: new Uint8Array(Math.round(quality * 1000)).fill(255), mediaType: 'image/webp' }
    })
    expect(encoded?.bytes).to.equal(460)
    expect(encoded?.mediaType).to.equal('image/webp')
    expect(Buffer.from(encoded?.data ?? '', 'base64').length).to.equal(460)
    expect(tried).to.deep.equal([0.86, 0.76, 0.66, 0.56, 0.46])
  })

  it('says so when even the lowest quality is too large', async () => {
    expect(await encodeWithin(10, async () => ({ bytes: new Uint8Array(11), mediaType: 'image/jpeg' }))).to.equal(undefined)
  })
})
