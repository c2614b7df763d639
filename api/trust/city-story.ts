import type { z } from 'zod'
import { standingAt, standingHistory } from '../../agent/trust-lists/standing.ts'
import { isoOf } from '../../agent/trust-lists/times.ts'
import type { ChainPlace, RegisteredAccreditation, RegisteredCity, TrustRegister } from '../../agent/trust-lists/trust-register.ts'
import type { Decision } from '../../chain/decisions.ts'
import type { cityStorySchema } from './wire.ts'

type Story = z.output<typeof cityStorySchema>

/** Why a city stands as it does: what was decided, by whom, and where on the chain each thing is written. */
export async function tellCityStory(
  register: TrustRegister, city: RegisteredCity, findDecision: (place: ChainPlace) => Promise<Decision | undefined>,
): Promise<Story> {
  const { locode, name, did, serviceUrl, status, activated, removed } = city
  const decided = async (place: ChainPlace) => {
    const decision = await findDecision(place)
    return { ...toPlace(place), ...(decision !== undefined && { decision: toDecision(decision) }) }
  }
  // One after the other: all are asked of one transaction.
  const suspensions: Story['suspensions'] = []
  for (const { reason, untilSeconds, suspended, reinstated, appealed } of city.suspensions) {
    suspensions.push({
      reason,
      until: isoOf(untilSeconds),
      suspended: await decided(suspended),
      ...(reinstated !== undefined && { reinstated: await decided(reinstated) }),
      ...(appealed !== undefined && { appealed: { ...toPlace(appealed), statement_hash: appealed.statementHash } }),
    })
  }
  const keys = register.accreditations.filter((key) => key.locode === locode)
  return {
    block: { number: register.block.number, hash: register.block.hash, time: isoOf(register.block.timestampSeconds) },
    as_of: isoOf(register.atSeconds),
    locode, name, did, service_url: serviceUrl, status,
    ...(activated !== undefined && { member_since: isoOf(activated.atSeconds) }),
    admitted: await decided(city.admitted),
    ...(activated !== undefined && {
      activated: { ...await decided(activated), agreement_hash: city.agreementHash ?? '', dpia_hash: city.dpiaHash ?? '' },
    }),
    ...(removed !== undefined && { removed: await decided(removed) }),
    suspensions,
    controllers: city.controllers.map(({ account, since }) => ({ account, since: toPlace(since) })),
    keys: keys.map((key) => toKey(key, city, register.atSeconds)),
    recognitions: register.recognitions.filter(({ recogniser, issuer }) => recogniser === locode || issuer === locode).map((recognition) => ({
      recogniser: recognition.recogniser, issuer: recognition.issuer, credential_type: recognition.credentialType,
      benefit_classes: [...recognition.benefitClasses], valid_until: isoOf(recognition.validUntilSeconds),
      granted: toPlace(recognition.granted),
      ...(recognition.ended !== undefined && { ended: toPlace(recognition.ended) }),
    })),
  }
}

function toKey(key: RegisteredAccreditation, city: RegisteredCity, atSeconds: number): Story['keys'][number] {
  const history = standingHistory(key, city, atSeconds)
  // A key may be accredited for a time before the block that says so: then it counts from that time on.
  const since = history.find(({ status }) => status === 'granted') && Math.max(key.validFromSeconds, city.activated?.atSeconds ?? 0)
  return {
    thumbprint: key.thumbprint,
    credential_type: key.credentialType,
    standing: standingAt(key, city, atSeconds),
    public_key: { ...key.publicJwk },
    ...(since !== undefined && { counts_since: isoOf(since) }),
    valid_from: isoOf(key.validFromSeconds),
    valid_until: isoOf(key.validUntilSeconds),
    ...(key.untrustedFromSeconds !== undefined && { untrusted_from: isoOf(key.untrustedFromSeconds) }),
    accredited: toPlace(key.accredited),
    withdrawals: key.withdrawals.map(({ untrustedFromSeconds, ...place }) => ({ ...toPlace(place), untrusted_from: isoOf(untrustedFromSeconds) })),
    history: history.map(({ status, fromSeconds, cause }) => ({
      standing: status, since: isoOf(fromSeconds), ...(cause !== undefined && { block: cause.blockNumber, transaction: cause.transactionHash }),
    })),
  }
}

function toDecision({ proposalId, proposer, description, votes }: Decision): NonNullable<Story['admitted']['decision']> {
  return {
    proposal_id: proposalId,
    ...(proposer !== undefined && { proposer }),
    description,
    votes: votes.map(({ city, support, reason, cast }) => ({ city, support, ...(reason !== '' && { reason }), ...toPlace(cast) })),
  }
}

function toPlace({ blockNumber, transactionHash, atSeconds }: Omit<ChainPlace, 'logIndex'>): { block: number; transaction: string; time: string } {
  return { block: blockNumber, transaction: transactionHash, time: isoOf(atSeconds) }
}
