import { expect } from 'chai'
import { decodeQR } from 'qr/decode.js'
import { claimName } from '../../../web/ui/claim-name.ts'
import { createCsv } from '../../../web/ui/csv.ts'
import { formatAge, formatCardNumber, formatDate } from '../../../web/ui/format.ts'
import { chooseLanguage } from '../../../web/ui/i18n.ts'
import { createQrPath } from '../../../web/ui/qr-path.ts'
import { parseRoute } from '../../../web/ui/use-route.ts'

describe('csv', () => {
  it('quotes text and disarms what a spreadsheet would run', () => {
    expect(createCsv(['Name', 'Points'], [['Café "Central"', 3], ['=HYPERLINK("x")', -1], ['+351', 0]]))
      .to.equal('"Name","Points"\r\n"Café ""Central""",3\r\n"\'=HYPERLINK(""x"")",-1\r\n"\'+351",0\r\n')
  })
})

describe('format', () => {
  it('writes a calendar date as that day, whatever the zone of the clock', () => {
    expect(formatDate('2026-01-01', 'en')).to.equal('1 January 2026')
    expect(formatDate('1987-03-09', 'fr')).to.equal('9 mars 1987')
    expect(formatDate('someday', 'en')).to.equal('someday')
  })

  it('groups a bare card number and leaves one with dashes', () => {
    expect(formatCardNumber('123456789012')).to.equal('1234 5678 9012')
    expect(formatCardNumber('PTOPO42999228508605')).to.equal('PTOPO 4299 9228 5086 05')
    expect(formatCardNumber('PTOPO-1234-56')).to.equal('PTOPO-1234-56')
  })

  it('tells an age in the largest unit that fits', () => {
    expect(formatAge(5, 'en')).to.equal('5 seconds ago')
    expect(formatAge(7200, 'pt')).to.equal('há 2 horas')
  })
})

describe('language', () => {
  it('is the first of those preferred that the apps speak', () => {
    expect(chooseLanguage(['de-DE', 'pt-BR', 'en'])).to.equal('pt')
    expect(chooseLanguage(['FR'])).to.equal('fr')
    expect(chooseLanguage(['de', 'toString'])).to.equal('en')
  })
})

describe('route', () => {
  it('reads screens and links from the fragment', () => {
    expect(parseRoute('')).to.deep.equal({ parts: [], link: undefined })
    expect(parseRoute('#/residents/a%20b')).to.deep.equal({ parts: ['residents', 'a b'], link: undefined })
    expect(parseRoute('#offer=openid%3A%2F%2F%3Fa%3Db').link).to.deep.equal({ name: 'offer', value: 'openid://?a=b' })
    expect(parseRoute('#pay=%E0%A4').link?.value).to.equal('%E0%A4')
  })
})

describe('claim name', () => {
  it('is known for the claims of a city card only', () => {
    expect(claimName('age_over_18')).to.deep.equal({ key: 'claim.age_over', values: { age: '18' } })
    expect(claimName('portrait')?.key).to.equal('claim.portrait')
    expect(claimName('nationality')).to.equal(undefined)
  })
})

describe('QR code', () => {
  it('draws what a scanner reads back', () => {
    const text = `https://porto.example/wallet/#offer=${'x'.repeat(300)}`
    const { path, size } = createQrPath(text)
    const scale = 4
    const data = new Uint8ClampedArray((size * scale) ** 2 * 4).fill(255)
    for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
      for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
        const from = (row * size * scale + Number(x) * scale) * 4
        for (let i = from; i < from + Number(width) * scale * 4; i += 4) data.fill(0, i, i + 3)
      }
    }
    expect(decodeQR({ width: size * scale, height: size * scale, data })).to.equal(text)
  })
})
