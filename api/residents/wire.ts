import { z } from 'zod'
import { cardSchema, toWireCard } from '../platform/wire.ts'
import type { CardView, ResidentSummary } from './types.ts'

const personName = z.string().trim().min(1).max(100).refine((value) => !/[\p{Cc}<>]/u.test(value), 'has characters that do not belong to a name')
const isoDate = z.iso.date()

export const residentParams = z.object({ resident_id: z.uuid() })

export const enrolBody = z.strictObject({
  given_name: personName,
  family_name: personName,
  birth_date: isoDate,
  portrait: z.strictObject({
    media_type: z.enum(['image/jpeg', 'image/webp']),
    data: z.base64().min(4).max(1_400_000).meta({ description: 'The picture, base64' }),
  }),
  papers_inspected: z.literal(true).meta({ description: 'The officer saw the papers. Nothing of them is kept.' }),
}).meta({ id: 'EnrolResident' })

export const searchBody = z.strictObject({
  family_name: z.string().trim().min(1).max(100).optional(),
  birth_date: isoDate.optional(),
  card_number: z.string().trim().min(5).max(40).optional(),
}).refine((value) => Object.values(value).some((part) => part !== undefined), 'at least one of family_name, birth_date, card_number')
  .meta({ id: 'SearchResidents' })

const summarySchema = z.object({
  resident_id: z.uuid(),
  given_name: z.string(),
  family_name: z.string(),
  birth_date: isoDate,
  cards: z.array(cardSchema),
})

export const residentSchema = summarySchema.extend({
  points: z.array(z.object({ program_id: z.string(), name: z.string(), balance: z.int().min(0) })),
}).meta({ id: 'Resident' })

export const searchResultSchema = z.object({ residents: z.array(summarySchema) }).meta({ id: 'FoundResidents' })

/** The wire form of a resident in a list. */
export function toWireResident(resident: ResidentSummary, cards: readonly CardView[]): z.output<typeof summarySchema> {
  return {
    resident_id: resident.residentId,
    given_name: resident.givenName,
    family_name: resident.familyName,
    birth_date: resident.birthDate,
    cards: cards.map(toWireCard),
  }
}
