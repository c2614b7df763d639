import { z } from 'zod'
import { bytes32 } from '../platform/wire.ts'
import { actKinds, type RecordedAct } from './types.ts'

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
}).meta({ id: 'StaffAct' })
export const auditSchema = z.object({ acts: z.array(actSchema), next: z.string().optional().meta({ description: 'Path of the acts before these' }) }).meta({ id: 'StaffActs' })

/** Path of the page before an act, of the same acts that a query asks for. */
export function toPagePath({ acts, resident_id, limit }: z.output<typeof auditQuery>, before: number): string {
  const filter = { ...(acts === undefined ? {} : { acts }), ...(resident_id === undefined ? {} : { resident_id }) }
  return `/v1/audit?${String(new URLSearchParams({ before: String(before), ...filter, limit: String(limit) }))}`
}

/** The wire form of an act. */
export function toWireAct({ actId, at, by, act, residentId, cardId, newCardId, programId, points, reason }: RecordedAct): z.output<typeof actSchema> {
  return {
    act_id: actId, at: at.toISOString(), officer: { issuer: by.issuer, subject: by.subject }, act,
    ...(residentId === undefined ? {} : { resident_id: residentId }), ...(cardId === undefined ? {} : { card_id: cardId }),
    ...(newCardId === undefined ? {} : { new_card_id: newCardId }), ...(programId === undefined ? {} : { program_id: programId }),
    ...(points === undefined ? {} : { points }), ...(reason === undefined ? {} : { reason }),
  }
}
