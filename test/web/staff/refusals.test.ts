import { expect } from 'chai'
import { errorsAbi } from '../../../chain/abi/errors.ts'
import type { ChainErrorCode } from '../../../chain/errors.ts'
import { codeOfError, type RevertCode } from '../../../chain/reverts.ts'
import { en, type RefusalWords } from '../../../web/staff/governance/refusals/en.ts'
import { refusalOf } from '../../../web/staff/governance/refusals/refusal-of.ts'
import { loadRefusals, withRefusals } from '../../../web/staff/governance/refusals/with-refusals.ts'
import { languages, type Language } from '../../../web/ui/i18n.ts'
import { ApiError } from '../../../web/ui/problem.ts'

/** Does not compile while a code of the chain room has no words: the other languages have to have those of English. */
const complete: Readonly<Record<RevertCode | ChainErrorCode, string>> = en

describe('what to do about a refusal of the chain', () => {
  const codes = Object.keys(complete)

  it('is known for every error of the contracts', () => {
    const unreadable = ['Error', 'Panic']
    for (const { name } of errorsAbi) if (!unreadable.includes(name)) expect(codes).to.include(codeOfError(name))
  })

  for (const language of Object.keys(languages) as Language[]) {
    it(`is said for every code in ${languages[language]}`, async () => {
      const words = await loadRefusals(language)
      expect(Object.keys(words).sort()).to.deep.equal([...codes].sort())
      for (const [code, text] of Object.entries(words)) expect(text, code).to.match(/^\p{Lu}.{9,}\.$/u)
    })
  }

  it('is not left in English by another language', async () => {
    const [portuguese, french] = [await loadRefusals('pt'), await loadRefusals('fr')]
    for (const code of codes as (keyof RefusalWords)[]) expect(new Set([en[code], portuguese[code], french[code]]).size, code).to.equal(3)
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
