import { z } from 'zod'
import { bytes32, denominationSchema } from '../platform/wire.ts'
import type { ListedProgram } from './types.ts'

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/, 'base64url without padding').max(700)
const MAX_NOTES = 64
const MAX_POINTS = 100_000

export const programParams = z.object({ program_id: bytes32 })
export const residentParams = z.object({ resident_id: z.uuid() })

export const programSchema = z.object({
  program_id: bytes32,
  name: z.string(),
  city: z.string(),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  state: z.enum(['pending', 'running', 'ended']).meta({ description: 'pending: not yet on the chain' }),
  budget: z.int(),
  awarded: z.int(),
  funded: z.int(),
  redeemed: z.int(),
  outstanding: z.int().meta({ description: 'funded and not yet redeemed' }),
  denominations: z.array(denominationSchema),
}).meta({ id: 'Program' })

export const programsSchema = z.object({ programs: z.array(programSchema) })

export const createProgramBody = z.strictObject({
  name: z.string().trim().min(1).max(64),
  units: z.int().min(1).max(100_000_000),
  until: z.iso.datetime({ offset: true }).or(z.iso.date()),
}).meta({ id: 'CreateProgram' })

export const awardBody = z.strictObject({
  program_id: bytes32, points: z.int().min(1).max(MAX_POINTS), reason: z.string().trim().min(1).max(200),
}).meta({ id: 'Award' })
export const awardSchema = z.object({ program_id: bytes32, points: z.int(), balance: z.int() })

export const challengeSchema = z.object({ nonce: z.string() })
export const sessionBody = z.strictObject({
  presentation: z.string().min(20).max(120_000).meta({ description: 'SD-JWT VC with key binding, disclosing card_number' }),
  nonce: z.string().min(16).max(100),
})
export const sessionSchema = z.object({ access_token: z.string(), token_type: z.literal('Bearer'), expires_in: z.int() })

export const balanceSchema = z.object({
  programs: z.array(z.object({ program_id: bytes32, name: z.string(), balance: z.int() })),
  history: z.array(z.object({
    at: z.iso.datetime(), program_id: bytes32, points: z.int(), kind: z.enum(['award', 'withdrawal']), reason: z.string().optional(),
  })),
}).meta({ id: 'PointsBalance' })

export const withdrawalBody = z.strictObject({
  program_id: bytes32,
  notes: z.array(z.strictObject({ value: z.int().min(1).max(1024), blinded: base64url })).min(1).max(MAX_NOTES),
}).meta({ id: 'Withdrawal' })
export const withdrawalSchema = z.object({ signatures: z.array(z.object({ value: z.int(), signature: z.string() })) })

export const recoverBody = z.strictObject({ program_id: bytes32, blinded: z.array(base64url).min(1).max(MAX_NOTES) })
export const recoverSchema = z.object({ signatures: z.array(z.string().nullable()) })

export const redeemedQuery = z.object({ after: z.coerce.number().int().min(0).default(0) })
export const redeemedSchema = z.object({ notes: z.array(z.string()), next: z.int().optional() })

/** The wire form of a programme. */
export function toWireProgram(program: ListedProgram, city: string, now: Date): z.output<typeof programSchema> {
  const funded = Number(program.totals?.funded ?? 0n)
  const redeemed = Number(program.totals?.redeemed ?? 0n)
  const state = now > program.validUntil || program.totals?.closed === true || program.totals?.replaced === true ? 'ended' : funded > 0 ? 'running' : 'pending'
  return {
    program_id: program.programId, name: program.name, city, state,
    from: program.validFrom.toISOString(), until: program.validUntil.toISOString(),
    budget: program.units, awarded: program.awarded, funded, redeemed, outstanding: funded - redeemed,
    denominations: program.denominations.map(({ value, modulus }) => ({
      value, modulus: Buffer.from(modulus).toString('base64url'), exponent: 'AQAB' as const,
    })),
  }
}
