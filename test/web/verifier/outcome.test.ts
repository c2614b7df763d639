import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { CHECKS, REASON_CODES, checkKey, outcomeOf, portraitOf, reasonKey, shownClaims, suspendedIssuer } from '../../../web/verifier/outcome.ts'
import { CLAIMS } from '../../../web/verifier/question.ts'
import type { Condition } from '../../../web/verifier/question.ts'
import type { Decision } from '../../../web/verifier/wire.ts'

const adult: Condition = { kind: 'age', claim: 'age_over_18', age: 18 }
const fromPorto: Condition = { kind: 'city', locode: 'PTOPO' }
const good: Decision = {
  accepted: true,
  checks: CHECKS.map(check => ({ check, outcome: 'passed' as const })),
  claims: { age_over_18: true, city: 'PTOPO' },
  issuer: { locode: 'PTOPO', name: 'Porto' },
}

describe('the decision an operator sees', () => {
  it('is yes when the card is good and every condition holds', () => {
    expect(outcomeOf(good, [adult, fromPorto])).to.deep.equal({ verdict: 'accepted', unmet: [], failed: [] })
  })

  it('is not yes when a good card says the person is younger', () => {
    const outcome = outcomeOf({ ...good, claims: { age_over_18: false } }, [adult])
    expect(outcome.verdict).to.equal('condition-not-met')
    expect(outcome.unmet).to.deep.equal([adult])
  })

  it('is not yes when the claim is missing or only looks true', () => {
    for (const claims of [{}, { age_over_18: 'true' }, { age_over_18: 1 }]) {
      expect(outcomeOf({ ...good, claims }, [adult]).verdict).to.equal('condition-not-met')
    }
  })

  it('does not believe a city about another city\'s residents', () => {
    const outcome = outcomeOf({ ...good, issuer: { locode: 'FRCFE', name: 'Clermont-Ferrand' } }, [fromPorto])
    expect(outcome.verdict).to.equal('condition-not-met')
  })

  it('is refused when a check failed, whatever the claims say', () => {
    const failed = { check: 'status', outcome: 'failed' as const, code: 'ERR_REVOKED' }
    expect(outcomeOf({ ...good, accepted: false, checks: [failed] }, [adult])).to.deep.equal({ verdict: 'refused', unmet: [], failed: [failed] })
  })

  it('is a good card with another answer when only the age was not reached', () => {
    const young = { check: 'claims', outcome: 'failed' as const, code: 'ERR_AGE_NOT_REACHED' }
    const decision = { ...good, accepted: false, claims: { age_over_18: false }, checks: [...good.checks.slice(0, 7), young] }
    expect(outcomeOf(decision, [adult]).verdict).to.equal('condition-not-met')
    expect(outcomeOf(decision, []).verdict).to.equal('condition-not-met')
    const revoked = { check: 'status', outcome: 'failed' as const, code: 'ERR_REVOKED' }
    expect(outcomeOf({ ...decision, checks: [revoked, young] }, [adult]).verdict).to.equal('refused')
  })

  it('is refused when the service contradicts itself', () => {
    const failed = { check: 'status', outcome: 'failed' as const, code: 'ERR_REVOKED' }
    expect(outcomeOf({ ...good, accepted: true, checks: [failed] }, []).verdict).to.equal('refused')
    expect(outcomeOf({ ...good, accepted: false }, []).verdict).to.equal('refused')
  })
})

describe('why the issuing city is suspended', () => {
  const cities = [
    { locode: 'FRCFE', name: 'Clermont-Ferrand', status: 'suspended', suspension_reason: 3, suspended_until: '2099-12-31T23:59:59Z' }, { locode: 'PTOPO', name: 'Porto', status: 'active' },
  ]
  const refusal = (code: string, locode: string): Decision =>
    ({ ...good, accepted: false, issuer: { locode, name: locode }, checks: [{ check: 'accreditation', outcome: 'failed', code }] })
  const found = (decision: Decision) => suspendedIssuer(outcomeOf(decision, []), decision, cities)?.locode

  it('is told of the city that issued the card, when that is why the card was refused', () => {
    expect(found(refusal('ERR_ISSUER_SUSPENDED', 'FRCFE'))).to.equal('FRCFE')
    expect(found(refusal('ERR_EXPIRED', 'FRCFE'))).to.equal(undefined)
    expect(found(good)).to.equal(undefined)
  })

  it('is not told when the register here knows of no suspension, or the issuer is not known', () => {
    expect(found(refusal('ERR_ISSUER_SUSPENDED', 'PTOPO'))).to.equal(undefined)
    expect(suspendedIssuer(outcomeOf(refusal('ERR_ISSUER_SUSPENDED', 'FRCFE'), []), { ...refusal('ERR_ISSUER_SUSPENDED', 'FRCFE'), issuer: null }, cities)).to.equal(undefined)
  })
})

describe('the words of a decision', () => {
  for (const language of ['en', 'pt', 'fr']) {
    const read = (path: string) =>
      JSON.parse(readFileSync(new URL(`../../../web/${path}/locales/${language}.json`, import.meta.url), 'utf8')) as object
    const strings = { ...read('ui'), ...read('verifier') }
    const textAt = (key: string) => key.split('.').reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[part], strings)

    it(`has a sentence for every reason, check and claim in ${language}`, () => {
      const keys = [...REASON_CODES.map(reasonKey), 'reason.other', ...CHECKS.map(checkKey), 'check.other',
        ...CLAIMS.filter(claim => !claim.startsWith('age_over_')).map(claim => `claim.${claim}`), 'claim.age_over']
      for (const key of keys) expect(textAt(key), `${language} ${key}`).to.be.a('string').and.not.equal('')
      expect(new Set(REASON_CODES.map(code => textAt(reasonKey(code)))).size).to.equal(REASON_CODES.length)
    })
  }

  it('falls back to a general sentence for a code or check from the future', () => {
    expect(reasonKey('ERR_FROM_TOMORROW')).to.equal('reason.other')
    expect(reasonKey(undefined)).to.equal('reason.other')
    expect(checkKey('weather')).to.equal('check.other')
    expect(checkKey('holder_binding')).to.equal('check.holder-binding')
  })
})

describe('the claims an operator sees', () => {
  it('shows names first and ages by number, and leaves the portrait and technical members out', () => {
    const claims = { age_over_65: false, age_over_18: true, given_name: 'Ana', vct: 'x', cnf: {}, portrait: 'data:', iat: 1 }
    expect(shownClaims(claims).map(([name]) => name)).to.deep.equal(['given_name', 'age_over_18', 'age_over_65'])
    expect(shownClaims(undefined)).to.deep.equal([])
  })

  it('shows a portrait only from the claim itself, never from a link or a drawing that could run', () => {
    expect(portraitOf({ portrait: 'data:image/webp;base64,AAAA' })).to.equal('data:image/webp;base64,AAAA')
    for (const portrait of ['https://tracker.example/p.jpg', 'data:image/svg+xml;base64,AAAA', 'data:text/html,x', 7, undefined]) {
      expect(portraitOf({ portrait })).to.equal(undefined)
    }
  })
})
