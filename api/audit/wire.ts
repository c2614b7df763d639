import { z } from 'zod'
import { bytes32 } from '../platform/wire.ts'
import { toHex } from './chain.ts'
import { actKinds, faultKinds, type RecordedAct, type RecordProof } from './types.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const anyKind = actKinds.join('|')

export const auditQuery = z.object({
  before: z.string().regex(/^[1-9]\d{0,14}$/, 'the number of an act').optional().meta({ description: 'Only acts before this one' }),
  acts: z.string().regex(new RegExp(`^(${anyKind})(,(${anyKind}))*$`), 'kinds of acts with commas between').optional()
    .meta({ description: 'Only acts of these kinds, with commas between' }),
  resident_id: z.uuid().optional().meta({ description: 'Only acts that concern this resident' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

const actSchema = z.object({
  act_id: z.int(), at: z.iso.datetime(),
  officer: z.object({ issuer: z.string(), subject: z.string() }).meta({ description: 'The provider\'s pseudonym for the sign-in; no name' }),
  act: z.enum(actKinds), resident_id: z.uuid().optional(), card_id: z.uuid().optional(),
  new_card_id: z.uuid().optional().meta({ description: 'The card offered in place of this one' }),
  program_id: bytes32.optional(), points: z.int().optional(), reason: z.string().optional(),
  previous_hash: hash.meta({ description: 'Of the act before, hex' }), hash: hash.meta({ description: 'SHA-256 over this act and the hash before, hex' }),
}).meta({ id: 'StaffAct' })
export const auditSchema = z.object({ acts: z.array(actSchema), next: z.string().optional().meta({ description: 'Path of the acts before these' }) }).meta({ id: 'StaffActs' })

/** Path of the page before an act, of the same acts that a query asks for. */
export function toPagePath({ acts, resident_id, limit }: z.output<typeof auditQuery>, before: number): string {
  const filter = { ...(acts === undefined ? {} : { acts }), ...(resident_id === undefined ? {} : { resident_id }) }
  return `/v1/audit?${String(new URLSearchParams({ before: String(before), ...filter, limit: String(limit) }))}`
}

/** The wire form of an act. */
export function toWireAct({ actId, at, by, act, residentId, cardId, newCardId, programId, points, reason, ...hashes }: RecordedAct): z.output<typeof actSchema> {
  return {
    act_id: actId, at: at.toISOString(), officer: { issuer: by.issuer, subject: by.subject }, act,
    ...(residentId === undefined ? {} : { resident_id: residentId }), ...(cardId === undefined ? {} : { card_id: cardId }),
    ...(newCardId === undefined ? {} : { new_card_id: newCardId }), ...(programId === undefined ? {} : { program_id: programId }),
    ...(points === undefined ? {} : { points }), ...(reason === undefined ? {} : { reason }),
    previous_hash: toHex(hashes.previousHash), hash: toHex(hashes.hash),
  }
}

const anchorSchema = z.object({
  act_id: z.int(), acted_at: z.iso.datetime(), hash, salt: hash.meta({ description: '32 random bytes, hex' }),
  root: bytes32.meta({ description: 'What `Anchors` on the chain has as the root of this city\'s log 1 of the size `act_id`' }), anchored_at: z.iso.datetime(),
})
export const proofSchema = z.object({
  whole: z.boolean(), acts: z.int(), first_act_id: z.int().optional(), last_act_id: z.int().optional(),
  anchors: z.int().meta({ description: 'On the chain, compared and found to fit' }), latest_anchor: anchorSchema.optional(),
  fault: z.object({ act_id: z.int(), kind: z.enum(faultKinds), proven_up_to: z.int().optional() })
    .optional().meta({ description: 'The first act that does not fit, and the last before it that an anchor proves' }),
}).meta({ id: 'RecordProof' })

/** The wire form of a proof. */
export function toWireProof({ acts, firstActId, lastActId, anchors, latest, fault }: RecordProof): z.output<typeof proofSchema> {
  return {
    whole: fault === undefined, acts, ...(firstActId === undefined ? {} : { first_act_id: firstActId }), ...(lastActId === undefined ? {} : { last_act_id: lastActId }), anchors,
    ...(latest === undefined ? {} : {
      latest_anchor: {
        act_id: latest.actId, acted_at: latest.actedAt.toISOString(), hash: toHex(latest.hash), salt: toHex(latest.salt), root: latest.root,
        anchored_at: latest.anchoredAt.toISOString(),
      },
    }),
    ...(fault === undefined ? {} : {
      fault: { act_id: fault.actId, kind: fault.kind, ...(fault.provenUpTo === undefined ? {} : { proven_up_to: fault.provenUpTo }) },
    }),
  }
}
