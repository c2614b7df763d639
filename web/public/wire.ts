import type { Moment } from '../ui/desk/times.ts'

export interface City {
  readonly locode: string
  readonly name: string
  readonly did: string
  readonly service_url: string
  readonly status: string
}

export interface Issuer {
  readonly city: string
  readonly thumbprint: string
  readonly credential_type: string
  readonly valid_from: Moment
  readonly valid_until: Moment
  readonly untrusted_from?: Moment | null
}

export interface Recognition {
  readonly recogniser: string
  readonly issuer: string
  readonly credential_type: string
  readonly benefit_classes?: readonly number[]
  readonly valid_until: Moment
}

export interface Program {
  readonly program_id: string
  readonly name: string
  readonly city: string
  readonly from?: Moment
  readonly until: Moment
  readonly funded: number
  readonly redeemed: number
  readonly outstanding?: number
}

export interface StatusList {
  readonly city: string
  readonly uri: string
  readonly epoch: number
  readonly digest: string
  readonly size: number
  readonly updated_at: Moment
}

/** `GET /v1/trust`: what this city's own node read from the chain. */
export interface Trust {
  readonly block: number | { readonly number: number } | null
  readonly cities: readonly City[]
  readonly issuers: readonly Issuer[]
  readonly recognitions: readonly Recognition[]
  readonly programs: readonly Program[]
  readonly status_lists: readonly StatusList[]
}
