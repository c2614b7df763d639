import { expect } from 'chai'
import { blockNumberOf, cityNameOf, keyStateOf, locodesOf, matrixOf, outstandingOf, totalsOf } from '../../../web/public/trust-view.ts'
import type { Issuer, Program, Trust } from '../../../web/public/wire.ts'

const NOW = Date.parse('2026-05-04T12:00:00Z')
const seconds = NOW / 1000
const agreement = (recogniser: string, issuer: string, validUntil: number) =>
  ({ recogniser, issuer, credential_type: 'https://x/vct/city-card', valid_until: validUntil })
const program = (funded: number, redeemed: number): Program => ({ program_id: '0x1', name: 'p', city: 'PTOPO', until: seconds, funded, redeemed })

describe('which card is good where', () => {
  it('reads an agreement in one direction only', () => {
    const rows = matrixOf(['PTOPO', 'FRCFE'], [agreement('FRCFE', 'PTOPO', seconds + 60)], NOW)
    expect(rows.map(row => [row.issuer, row.cells.map(cell => cell.verdict)])).to.deep.equal([
      ['PTOPO', ['own', 'good']],
      ['FRCFE', ['none', 'own']],
    ])
  })

  it('shows an agreement that ran out as lapsed, unless a later one holds', () => {
    const old = agreement('FRCFE', 'PTOPO', seconds - 1)
    expect(matrixOf(['PTOPO', 'FRCFE'], [old], NOW)[0]?.cells[1]?.verdict).to.equal('lapsed')
    expect(matrixOf(['PTOPO', 'FRCFE'], [old, agreement('FRCFE', 'PTOPO', seconds + 1)], NOW)[0]?.cells[1]?.verdict).to.equal('good')
  })
})

describe('an issuer\'s key', () => {
  const key = (more: Partial<Issuer>): Issuer =>
    ({ city: 'PTOPO', thumbprint: 't', credential_type: 'c', valid_from: seconds - 10, valid_until: seconds + 10, ...more })

  it('is valid, not yet, lapsed or withdrawn', () => {
    expect(keyStateOf(key({}), NOW)).to.equal('valid')
    expect(keyStateOf(key({ untrusted_from: null }), NOW)).to.equal('valid')
    expect(keyStateOf(key({ untrusted_from: 0 }), NOW)).to.equal('valid')
    expect(keyStateOf(key({ untrusted_from: seconds + 5 }), NOW)).to.equal('valid')
    expect(keyStateOf(key({ valid_from: seconds + 5 }), NOW)).to.equal('not-yet')
    expect(keyStateOf(key({ valid_until: seconds }), NOW)).to.equal('lapsed')
    expect(keyStateOf(key({ untrusted_from: seconds }), NOW)).to.equal('withdrawn')
  })
})

describe('the totals', () => {
  it('are funded = redeemed + outstanding', () => {
    expect(outstandingOf(program(100, 30))).to.equal(70)
    expect(totalsOf([program(100, 30), program(50, 50)])).to.deep.equal({ funded: 150, redeemed: 80, outstanding: 70 })
    expect(totalsOf([])).to.deep.equal({ funded: 0, redeemed: 0, outstanding: 0 })
  })
})

describe('the head of the page', () => {
  it('calls a city by its name where it is known', () => {
    const all: Trust = { ...trust(1), cities: [{ locode: 'PTOPO', name: 'Porto', status: 'active', did: 'd', service_url: 'u' }] }
    expect(cityNameOf(all, 'PTOPO')).to.equal('Porto')
    expect(cityNameOf(all, 'FRCFE')).to.equal('FRCFE')
  })

  const trust = (block: Trust['block']): Trust => ({ block, cities: [], issuers: [], recognitions: [], programs: [], status_lists: [] })

  it('reads the block as a number or as a header', () => {
    expect(blockNumberOf(trust(7))).to.equal(7)
    expect(blockNumberOf(trust({ number: 8 }))).to.equal(8)
    expect(blockNumberOf(trust(null))).to.equal(undefined)
  })

  it('lists members, then cities that only an agreement names, without those removed', () => {
    const city = (locode: string, status: string) => ({ locode, name: locode, status, did: 'd', service_url: 'u' })
    const all: Trust = { ...trust(1), cities: [city('PTOPO', 'active'), city('DEBER', 'removed')], recognitions: [agreement('PTOPO', 'FRCFE', 1)] }
    expect(locodesOf(all)).to.deep.equal(['PTOPO', 'FRCFE'])
  })
})
