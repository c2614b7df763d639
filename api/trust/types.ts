import type { Kysely } from 'kysely'
import type { ChainPlace } from '../../agent/trust-lists/trust-register.ts'
import type { Decision } from '../../chain/decisions.ts'
import type { ChainTables } from '../../chain/tables.ts'

/** What the trust lists keep: proofs once signed, so that their hashes stay the same. */
export type TrustTables = {
  trust_proofs: { input_hash: string; jwt: string }
}

/** Where the reasons for changes of membership are found. The founding cities were admitted before there were votes. */
export interface DecisionSource {
  /** The decision by which something was written on the chain, by a snapshot of the index; undefined when there was none. */
  findDecision(place: ChainPlace, tables: Kysely<ChainTables>): Promise<Decision | undefined>
}
