import type { Generated } from 'kysely'

export type ResidentTables = {
  residents: {
    resident_id: string
    given_name_sealed: Uint8Array
    family_name_sealed: Uint8Array
    birth_date_sealed: Uint8Array
    birth_date_index: string
    portrait_sealed: Uint8Array
    portrait_media_type: string
    attested_by: string
    created_at: Generated<Date>
  }
  /** The person's data key, wrapped. Deleting the row makes every sealed column of the person noise. */
  resident_keys: { resident_id: string; wrapped_key: Uint8Array }
  /** One row for each word of the family name, blind. */
  resident_name_words: { resident_id: string; word_index: string }
}

export interface ResidentPortrait {
  readonly mediaType: 'image/jpeg' | 'image/webp'
  readonly bytes: Uint8Array
}

export interface NewResident {
  readonly givenName: string
  readonly familyName: string
  /** YYYY-MM-DD */
  readonly birthDate: string
  readonly portrait: ResidentPortrait
  /** Who inspected the papers. Of the papers themselves nothing is kept. */
  readonly attestedBy: string
}

export interface ResidentSummary {
  readonly residentId: string
  readonly givenName: string
  readonly familyName: string
  readonly birthDate: string
}

export interface Resident extends ResidentSummary {
  readonly portrait: ResidentPortrait
}

/** A card as the staff console shows it. */
export interface CardView {
  readonly cardId: string
  readonly cardNumber: string
  readonly state: 'offered' | 'active' | 'suspended' | 'revoked' | 'expired'
  readonly issuedOn: string | undefined
  readonly expiresOn: string | undefined
  readonly reason: string | undefined
}

/** What residents need to know of cards; issuance answers. */
export interface ResidentCards {
  listCards(residentIds: readonly string[]): Promise<ReadonlyMap<string, readonly CardView[]>>
  findResident(cardNumber: string): Promise<string | undefined>
}

/** What residents need to know of points; rewards answers. */
export interface ResidentPoints {
  listBalances(residentId: string): Promise<readonly { readonly programId: string; readonly name: string; readonly balance: number }[]>
}

export interface ResidentQuery {
  readonly familyName?: string | undefined
  readonly birthDate?: string | undefined
  readonly cardNumber?: string | undefined
}
