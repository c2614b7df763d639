import { expect } from 'chai'
import { formatCountdown, formatDay, formatDuration, isToday, parseMoment, secondsUntil } from '../../../web/ui/desk/times.ts'

const NOON = Date.parse('2026-05-04T12:00:00Z')

describe('moments as the service writes them', () => {
  it('reads ISO text, seconds, and seconds in text as the same moment', () => {
    for (const moment of ['2026-05-04T12:00:00Z', NOON / 1000, String(NOON / 1000)]) {
      expect(parseMoment(moment)?.getTime()).to.equal(NOON)
    }
  })

  it('reads nothing out of what is not a time', () => {
    for (const moment of [undefined, null, '', 'soon']) expect(parseMoment(moment)).to.equal(undefined)
  })

  it('counts down to nought and stays there', () => {
    expect(secondsUntil(NOON / 1000 + 90, NOON)).to.equal(90)
    expect(secondsUntil(NOON / 1000 - 1, NOON)).to.equal(0)
    expect(secondsUntil(undefined, NOON)).to.equal(undefined)
    expect(formatCountdown(245, 'en')).to.equal('4:05')
    expect(formatCountdown(0, 'en')).to.equal('0:00')
    expect(formatCountdown(3599, 'en')).to.equal('59:59')
    expect(formatCountdown(86_400, 'en')).to.equal('24 hours')
  })

  it('shows a birth date as the same day in every time zone and in the reader\'s language', () => {
    expect(formatDay('2001-02-03', 'en')).to.equal('3 February 2001')
    expect(formatDay('2001-02-03', 'pt')).to.equal('3 de fevereiro de 2001')
    expect(formatDay('2001-02-03', 'fr')).to.equal('3 février 2001')
    expect(formatDay('nonsense', 'en')).to.equal('')
    expect(formatDay(NOON / 1000, 'fr')).to.equal('4 mai 2026')
  })

  it('says lengths of time in the largest sensible unit', () => {
    expect(formatDuration(8, 'en')).to.equal('8 seconds')
    expect(formatDuration(180, 'en')).to.equal('3 minutes')
    expect(formatDuration(7200, 'fr')).to.equal('2\u00a0heures')
    expect(formatDuration(4 * 86_400, 'pt')).to.equal('4 dias')
  })

  it('knows today from yesterday', () => {
    expect(isToday(NOON / 1000, NOON)).to.equal(true)
    expect(isToday(NOON / 1000 - 2 * 86_400, NOON)).to.equal(false)
    expect(isToday(undefined, NOON)).to.equal(false)
  })
})
