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
    previous_hash: Uint8Array
    hash: Uint8Array
  }
  /** Heads that were sent to the chain, with the salts that prove them. */
  staff_acts_anchors: { act_id: string | number; acted_at: Date; hash: Uint8Array; salt: Uint8Array; made_at: Date }
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

/** Everything of an act that its hash is over. */
export interface ActContent extends Act {
  readonly actId: number
  readonly at: Date
  readonly by: Actor
}

export interface RecordedAct extends ActContent {
  /** Of the act before, or of nothing. */
  readonly previousHash: Uint8Array
  readonly hash: Uint8Array
}

/** The newest act of a moment, as it was sent to the chain. */
export interface HeadAnchor {
  readonly actId: number
  readonly actedAt: Date
  readonly hash: Uint8Array
  readonly salt: Uint8Array
  readonly madeAt: Date
}

/** Root of the log of acts, as the chain has it. */
export interface PublishedAnchor {
  /** Number of the newest act. */
  readonly actId: number
  /** 0x and 32 bytes. */
  readonly root: string
  readonly anchoredAt: Date
}

/**
 * What is wrong with an act. `changed`: it is not what its hash is over; `unlinked`: it does not follow the act before it, so that
 * something was taken out or put in; `rewritten`: it is not what was anchored, so that it or an act between the anchor before and it
 * was altered, with all hashes after; `missing`: it was anchored and is gone before its time; `unproven`: what the city keeps of its
 * anchor does not yield what the chain has.
 */
export const faultKinds = ['changed', 'unlinked', 'rewritten', 'missing', 'unproven'] as const

export interface RecordFault {
  readonly actId: number
  readonly kind: (typeof faultKinds)[number]
  /** The last act before it that an anchor proves. */
  readonly provenUpTo: number | undefined
}

/** Whether the record is what it was when its heads were anchored. */
export interface RecordProof {
  /** How many acts were looked at; all of them, unless one does not fit. */
  readonly acts: number
  readonly firstActId: number | undefined
  readonly lastActId: number | undefined
  /** How many anchors on the chain the acts were compared with. */
  readonly anchors: number
  /** The newest that fits. */
  readonly latest: (HeadAnchor & PublishedAnchor) | undefined
  /** The first act that does not fit. */
  readonly fault: RecordFault | undefined
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
