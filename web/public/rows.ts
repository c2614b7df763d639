/** Rows of `/v1/open-data`, as far as these pages read them. Times are ISO 8601, points decimal text. */
export interface Tables {
  readonly members: {
    readonly city: string; readonly name: string; readonly status: string; readonly did: string; readonly service_url: string; readonly controller: string
    readonly suspension_reason: number | null; readonly suspended_until: string | null; readonly agreement_hash: string | null; readonly dpia_hash: string | null
    readonly admitted_at: string; readonly admitted_by: string | null; readonly activated_at: string | null
  }
  readonly member_events: {
    readonly block: number; readonly at: string; readonly city: string; readonly event: string; readonly account: string | null; readonly reason: number | null
    readonly until: string | null; readonly text: string | null; readonly proposal_id: string | null
  }
  readonly proposals: {
    readonly proposal_id: string; readonly proposed_at: string; readonly city: string; readonly description: string; readonly state: ProposalState
    readonly vote_start: string; readonly vote_end: string; readonly seats: number | null; readonly quorum: number | null
    readonly votes_for: number; readonly votes_against: number; readonly votes_abstain: number
    readonly queued_at: string | null; readonly executable_from: string | null; readonly executed_at: string | null; readonly cancelled_at: string | null
  }
  readonly actions: {
    readonly proposal_id: string; readonly position: number; readonly target: string; readonly contract: string; readonly method: string
    readonly arguments: string; readonly calldata: string
  }
  readonly votes: { readonly proposal_id: string; readonly city: string; readonly voter: string; readonly support: string; readonly reason: string; readonly voted_at: string }
  readonly accreditations: {
    readonly block: number; readonly city: string; readonly thumbprint: string; readonly credential_type: string; readonly standing: string
    readonly valid_from: string; readonly valid_until: string; readonly untrusted_from: string | null; readonly accredited_at: string; readonly withdrawn_at: string | null
  }
  readonly recognitions: {
    readonly block: number; readonly recogniser: string; readonly issuer: string; readonly credential_type: string; readonly benefit_classes: string
    readonly in_force: boolean; readonly valid_until: string; readonly granted_at: string; readonly ended_at: string | null
  }
  readonly programs: {
    readonly program_id: string; readonly city: string; readonly name: string; readonly is_shared: boolean; readonly is_closed: boolean; readonly valid_until: string
    readonly funded: string; readonly in_escrow: string; readonly redeemed: string; readonly held: string; readonly burnt: string; readonly redemptions: number
  }
  readonly nets: { readonly city: string; readonly owed_to_it: string; readonly owed_by_it: string; readonly net: string }
  readonly debts: { readonly debtor: string; readonly creditor: string; readonly accrued: string; readonly settled: string; readonly owed: string }
  readonly settlements: { readonly ref: string; readonly debtor: string; readonly payer: string; readonly units: string; readonly requested_at: string; readonly paid_at: string | null }
  readonly pauses: {
    readonly contract: string; readonly target: string; readonly incident: string; readonly state: string; readonly paused_at: string; readonly until: string
    readonly cleared_at: string | null; readonly cleared_by: string | null
  }
  readonly parameters: {
    readonly block: number; readonly parameter: string; readonly value: string; readonly unit: string; readonly is_current: boolean; readonly set_at: string; readonly proposal_id: string | null
  }
  readonly contracts: {
    readonly block: number; readonly name: string; readonly target: string; readonly code_hash: string; readonly is_current: boolean; readonly set_at: string; readonly proposal_id: string | null
  }
  readonly status_lists: {
    readonly city: string; readonly uri: string; readonly size: number; readonly epoch: number; readonly digest: string | null; readonly published_at: string
  }
}

export type TableName = keyof Tables
/** Every table that the city publishes, those among them that no page reads. */
export type PublishedTable = TableName | 'redemptions' | 'anchors'
export type ProposalState = 'pending' | 'active' | 'cancelled' | 'defeated' | 'succeeded' | 'queued' | 'executable' | 'executed'

export interface RecordBlock {
  readonly number: number
  readonly hash: string
  readonly time: string
}

/** `GET /v1/open-data` */
export interface Index {
  readonly block: RecordBlock
  readonly chain_id: number
  readonly directory: string
  readonly licence: { readonly name: string; readonly url: string }
  readonly tables: readonly { readonly name: string; readonly title: string; readonly csv: string; readonly json: string }[]
}
