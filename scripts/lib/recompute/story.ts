import type { Answer, AnswerObject, CountedAt } from './answers.ts'
import { toTime } from './figures.ts'
import type { Happening, Key, Ledger, Place } from './ledger.ts'
import { agreementsOf, keyOf, membershipAt, standingAt, standingHistory, termsOf, type Member } from './record.ts'

const statuses = { pending: 'pending', granted: 'active', suspended: 'suspended', withdrawn: 'removed', expired: undefined } as const
const supports = ['against', 'for', 'abstain']

/** `GET /v1/trust/cities/:locode` */
export function storyAnswer(ledger: Ledger, member: Member, at: CountedAt): AnswerObject {
  const { city, admitted, activated, removed, suspensions } = member
  const { city: locode, name, did, serviceUrl } = city
  const decided = (happening: Happening | undefined): AnswerObject | undefined =>
    happening && { ...placeOf(happening), decision: decisionOf(ledger, happening.proposal) }
  return {
    block: { number: at.number, hash: at.hash, time: toTime(at.blockSeconds) },
    as_of: toTime(at.atSeconds),
    locode, name, did, service_url: serviceUrl, status: statuses[membershipAt(member, at.atSeconds)],
    member_since: activated && toTime(activated.seconds),
    admitted: decided(admitted),
    activated: activated && { ...decided(activated), agreement_hash: String(activated.args['agreementHash']), dpia_hash: String(activated.args['dpiaHash']) },
    removed: decided(removed),
    suspensions: suspensions.map(({ reason, until, suspended, reinstated, appealed }) => ({
      reason, until: toTime(until), suspended: decided(suspended), reinstated: decided(reinstated),
      appealed: appealed && { ...placeOf(appealed), statement_hash: String(appealed.args['statementHash']) },
    })),
    controllers: member.controllers.map((term) => ({ account: String(term.args['controller']), since: placeOf(term) })),
    keys: member.keys.map((key) => toKey(key, member, at.atSeconds)),
    recognitions: agreementsOf(ledger).flatMap((agreement): AnswerObject[] => {
      const { recogniser, issuer, type, until, classes } = termsOf(agreement)
      if (recogniser !== locode && issuer !== locode) return []
      return [{
        recogniser, issuer, credential_type: type, benefit_classes: classes, valid_until: until,
        granted: placeOf(agreement), ended: agreement.ended && placeOf(agreement.ended),
      }]
    }),
  }
}

function toKey(key: Key, member: Member, second: number): AnswerObject {
  const { thumbprint, type, jwk, from, until, untrustedFrom } = keyOf(key)
  const history = standingHistory(key, member, second)
  const counted = history.some(({ standing }) => standing === 'granted')
  return {
    thumbprint, credential_type: type, standing: standingAt(key, member, second), public_key: jwk,
    counts_since: counted ? toTime(Math.max(Number(key.args['validFrom']), member.activated?.seconds ?? 0)) : undefined,
    valid_from: from, valid_until: until, untrusted_from: untrustedFrom, accredited: placeOf(key),
    withdrawals: key.withdrawals.map((one) => ({ ...placeOf(one), untrusted_from: toTime(one.untrustedFrom) })),
    history: history.map(({ standing, since, cause }) => ({ standing, since: toTime(since), block: cause?.block, transaction: cause?.transaction })),
  }
}

function decisionOf(ledger: Ledger, id: string | undefined): Answer {
  const proposal = ledger.proposals.get(id ?? '')
  return proposal && {
    proposal_id: proposal.id, proposer: proposal.city === '' ? undefined : proposal.city, description: String(proposal.args['description']),
    votes: proposal.votes.filter(({ city }) => city !== '').map(({ city, args, ...place }) => ({
      city, support: supports[Number(args['support'])], reason: args['reason'] === '' ? undefined : String(args['reason']), ...placeOf(place),
    })),
  }
}

function placeOf({ block, transaction, seconds }: Place): AnswerObject {
  return { block, transaction, time: toTime(seconds) }
}
