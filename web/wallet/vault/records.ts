import type { StatusValue } from '../../../agent/trust.ts'
import type { TrustList } from '../../../agent/trust-lists/read-lote.ts'
import type { IssuanceSession } from '../../../agent/protocols/receive-credentials.ts'

/** A value of a programme and the public key (base64url modulus) that signs notes of that value. */
export interface Denomination {
  readonly value: number
  readonly modulus: string
}

/** One single-use copy of a card, bound to a key of its own. */
export interface CardCopy {
  readonly credential: string
  /** Names the holder key (see holder-keys.ts). */
  readonly keyId: string
}

/** A card and its unused copies. */
export interface CardRecord {
  readonly id: string
  /** The credential issuer, which is the public URL of the city. */
  readonly issuer: string
  readonly issuerName: string
  readonly configurationId: string
  readonly format: string
  readonly vct: string
  /** All claims, for showing the card and for choosing what to tell. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly receivedAt: string
  /** Copies for strangers, each shown once. The last one stays, see present-card.ts. */
  readonly copies: readonly CardCopy[]
  /** The copy that only the card's own city ever sees: it knows the holder of the card anyway. */
  readonly homeCopy: CardCopy
  /** How often the last copy was shown. */
  readonly lastCopyShown: number
  /** What the city last said of the card; absent until it was asked. */
  readonly status?: StatusValue
}

export type { StatusValue }

/** A card on its way: kept from the moment the issuer accepted the code until the card is stored. */
export interface IssuanceRecord {
  readonly id: string
  readonly offerLink: string
  readonly session: IssuanceSession
  readonly configurationId: string
  readonly keyIds: readonly string[]
  readonly startedAt: string
}

/** `requested` until the city's signature is here, `held` until it is promised to a merchant, `paying` until that is final. */
export type NoteState = 'requested' | 'held' | 'paying'

/** A note. Its keys are derived from the seed, its programme, value and counter. */
export interface NoteRecord {
  readonly id: string
  readonly program: string
  readonly value: number
  readonly counter: number
  readonly address: string
  /** The modulus the note was or will be signed under. */
  readonly modulus: string
  readonly state: NoteState
  /** The city's signature, base64url, once it is unblinded. */
  readonly signature?: string
  /** The order it is promised to. */
  readonly order?: string
}

/** The first counter of a programme and value that was never used. */
export interface CounterRecord {
  readonly id: string
  readonly program: string
  readonly value: number
  readonly next: number
}

/** A withdrawal that was begun: what is sent is derived from the notes, so that it can be sent again, the same. */
export interface WithdrawalRecord {
  readonly id: string
  readonly issuer: string
  readonly program: string
  readonly noteIds: readonly string[]
  readonly startedAt: string
}

/** A programme as the wallet first saw it; other keys for the same programme are refused. */
export interface ProgramRecord {
  readonly id: string
  readonly name: string
  readonly issuer: string
  readonly denominations: readonly Denomination[]
}

export interface OrderRecord {
  readonly orderId: string
  readonly orderUrl: string
  readonly program: string
  readonly programName: string
  readonly merchantName: string
  readonly merchantAddress: string
  readonly points: number
  /** What the notes sign: until then the chain would take them. */
  readonly deadlineSeconds: number
  /** Until when the merchant's city takes the payment. */
  readonly payableUntilSeconds: number
  readonly chainId: number
  readonly verifyingContract: string
}

/** A payment, kept before it is sent and until it is final. */
export interface PaymentRecord {
  readonly id: string
  readonly order: OrderRecord
  readonly noteIds: readonly string[]
  /** `sending` until a city took it. */
  readonly state: 'sending' | 'accepted'
  readonly startedAt: string
  /** Ready to send; the same on every attempt. */
  readonly body: unknown
}

/** Something that happened, for the holder's own eyes. */
export interface EventRecord {
  readonly id: string
  readonly at: string
  readonly kind: 'received' | 'shown' | 'withdrawn' | 'paid' | 'returned' | 'restored'
  /** Who was on the other side: a city, a verifier, a merchant. */
  readonly who: string
  /** What a verifier called itself. */
  readonly name?: string
  readonly claims?: readonly string[]
  readonly purpose?: string
  readonly points?: number
}

/**
 * The signed list of the federation's members, as it was last verified. Kept, so that nobody has to be asked at the
 * moment a card is shown.
 */
export interface TrustListRecord {
  /** The origin of the city that published and signed it. */
  readonly id: string
  readonly fetchedAt: string
  readonly list: TrustList
}

/** Kinds of records and what each holds. */
export interface Records {
  card: CardRecord
  issuance: IssuanceRecord
  note: NoteRecord
  counter: CounterRecord
  withdrawal: WithdrawalRecord
  program: ProgramRecord
  payment: PaymentRecord
  event: EventRecord
  trustList: TrustListRecord
}

export type Kind = keyof Records

export type Change = { [K in Kind]:
  | { readonly kind: K; readonly put: Records[K] }
  | { readonly kind: K; readonly remove: string }
}[Kind]
