import { expect } from 'chai'
import type { CardFormat } from '../../../agent/verification/presented-card.ts'
import { verifyCard, type CardCheck, type CardCheckCode, type CardDecision, type VerifyCardOptions } from '../../../agent/verification/verify-card.ts'
import { AUDIENCE, NONCE, NOW, PORTO_LIST, type Porto } from '../porto.ts'

/** The entry of Porto's status list that is the card of these tests. */
export const INDEX = 123_456

/** What the card says of its status. */
export const status = { uri: PORTO_LIST, index: INDEX }

/** A presentation as Clermont-Ferrand asked for it, five seconds ago. */
export const shown = { audience: AUDIENCE, nonce: NONCE, issuedAtSeconds: NOW - 5 }

/** What Clermont-Ferrand decides on a presentation of Porto's card. */
export function decideAbroad(porto: Porto, format: CardFormat, presentation: string, change: Partial<VerifyCardOptions> = {}): Promise<CardDecision> {
  return verifyCard({
    presentation, format, audience: AUDIENCE, nonce: NONCE, verifierCity: 'FRCFE', trust: porto.trust, status: porto.trust,
    nowSeconds: NOW, policy: { maxStatusAgeSeconds: 600 }, ...change,
  })
}

/** The card fails in one check alone; all others pass. */
export function expectOnly(decision: CardDecision, check: CardCheck, code: CardCheckCode): void {
  expect(decision.accepted).to.equal(false)
  expect(decision.claims).to.deep.equal({})
  expect(failures(decision)).to.deep.equal([[check, code]])
  const others = decision.checks.filter((result) => result.check !== check)
  expect(others.map(({ outcome }) => outcome)).to.deep.equal(others.map(() => 'passed'))
}

export function failures(decision: CardDecision): Array<[CardCheck, CardCheckCode | undefined]> {
  return decision.checks.filter(({ outcome }) => outcome === 'failed').map(({ check, code }) => [check, code])
}

export function outcomeOf(decision: CardDecision, check: CardCheck): string | undefined {
  return decision.checks.find((result) => result.check === check)?.outcome
}
