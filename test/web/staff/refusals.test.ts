import { expect } from 'chai'
import { errorsAbi } from '../../../chain/abi/errors.ts'
import type { ChainErrorCode } from '../../../chain/errors.ts'
import { adviceOf } from '../../../chain/revert-advice.ts'
import { codeOfError, type RevertCode } from '../../../chain/reverts.ts'
import { fr } from '../../../web/staff/governance/refusals/fr.ts'
import { pt } from '../../../web/staff/governance/refusals/pt.ts'
import { refusalOf } from '../../../web/staff/governance/refusals/refusal-of.ts'
import { loadRefusals, withRefusals } from '../../../web/staff/governance/refusals/with-refusals.ts'
import { languages } from '../../../web/ui/i18n.ts'
import { ApiError } from '../../../web/ui/problem.ts'

/** Do not compile while a code of the chain room has no words. */
const translations: Readonly<Record<'pt' | 'fr', Readonly<Record<RevertCode | ChainErrorCode, string>>>> = { pt, fr }

describe('what to do about a refusal of the chain', () => {
  const codes = Object.keys(pt) as (RevertCode | ChainErrorCode)[]

  it('is known for every error of the contracts, and none is there that the chain room does not give', () => {
    const unreadable = ['Error', 'Panic']
    for (const { name } of errorsAbi) if (!unreadable.includes(name)) expect(codes).to.include(codeOfError(name))
    for (const code of codes) expect(adviceOf(code), code).to.be.a('string')
  })

  for (const language of ['pt', 'fr'] as const) {
    it(`is said for every code in ${languages[language]}`, async () => {
      expect(await loadRefusals(language)).to.deep.equal(translations[language])
      for (const code of codes) expect(translations[language][code], code).to.match(/^\p{Lu}.{9,}\.$/u)
    })
  }

  it('is what the service says in English, and is not left in English by another language', async () => {
    expect(await loadRefusals('en')).to.equal(undefined)
    for (const code of codes) expect(new Set([adviceOf(code), pt[code], fr[code]]).size, code).to.equal(3)
  })

  it('says what to do in each language where it does in English: after the colon', () => {
    const advised = codes.filter((code) => adviceOf(code)?.includes(': '))
    for (const code of advised) {
      expect(pt[code], code).to.match(/\S: \p{L}/u)
      expect(fr[code], code).to.match(/\S\u00a0: \p{L}/u)
    }
  })

  it('joins the words of the app under a name of its own', async () => {
    const { default: words } = await withRefusals(async () => ({ default: { app: 'x' } }))('fr')
    expect(words).to.deep.equal({ app: 'x', refusal: await loadRefusals('fr') })
  })
})

describe('a refusal within a problem', () => {
  const refusal = { code: 'ERR_CHAIN_UNTIL_PAST', detail: 'suspend: the time 1 has passed', advice: 'Later.' }
  const problem = (members: Record<string, unknown>) => new ApiError('ERR_PROBLEM', { status: 422, problem: 'ERR_REHEARSAL_REFUSED', members })

  it('is found', () => {
    expect(refusalOf(problem({ refusal }))).to.deep.equal(refusal)
  })

  it('is not made up', () => {
    for (const error of [problem({}), problem({ refusal: 'no' }), problem({ refusal: { code: 'X' } }), new Error('x'), undefined]) expect(refusalOf(error)).to.equal(undefined)
  })
})
