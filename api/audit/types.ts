import type { Generated } from 'kysely'

/** How long an act stays on record, for whoever disputes it. */
export const keptYears = 5

/** What officers do to residents and cards; `looked_up`: they were shown a resident. */
export const actKinds = ['enrolled', 'offered', 'offer_cancelled', 'suspended', 'resumed', 'revoked', 'reissued', 'awarded', 'looked_up'] as const
export type ActKind = (typeof actKinds)[number]

/** How an officer was shown a resident: name, birth date and cards in the result of a search, or the whole file. */
export type Look = 'search' | 'file'

export type AuditTables = {
  staff_acts: {
    act_id: Generated<string | number>
    at: Date
    issuer: string
    subject: string
    act: ActKind
    resident_id: string | null
    card_id: string | null
    reason: string | null
    new_card_id: string | null
    program_id: string | null
    points: number | null
  }
}

/** Who acts: the provider's pseudonym for the sign-in, and whose pseudonym it is. Never a name. */
export interface Actor {
  readonly issuer: string
  readonly subject: string
}

export interface Act {
  readonly act: ActKind
  readonly residentId?: string | undefined
  readonly cardId?: string | undefined
  /** The card that was offered in place of this one. */
  readonly newCardId?: string | undefined
  readonly programId?: string | undefined
  readonly points?: number | undefined
  /** One of a closed list of codes. */
  readonly reason?: string | undefined
}

export interface RecordedAct extends Act {
  readonly actId: number
  readonly at: Date
  readonly by: Actor
}

/** The record of what officers do, which is only ever added to. */
export interface StaffActs {
  /** Notes down an act in the transaction around, with what it changes: neither stands without the other. */
  record(by: Actor, act: Act): Promise<void>
  /**
   * Notes down that an officer is about to be shown residents: once for each officer, resident, way and day (UTC), since the
   * console asks again every few seconds. To be committed before anything is shown.
   */
  recordLooks(by: Actor, residentIds: readonly string[], look: Look): Promise<void>
}
