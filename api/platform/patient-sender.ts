import type { MethodName } from '../../chain/contracts.ts'
import type { ContractName } from '../../chain/deployment.ts'
import type { OutboxCall, OutboxEntry } from '../../chain/outbox/outbox.ts'
import type { RevertCode } from '../../chain/reverts.ts'
import type { ChainSender } from './chain-sender.ts'

const FIRST_PAUSE_MS = 5_000
/** A contract is paused for days, a city suspended for weeks: how long after its end a call may still wait. */
const LONGEST_PAUSE_MS = 10 * 60_000
const SATISFIED_PAUSE_MS = 24 * 3_600_000

export interface PatientSenderOptions {
  readonly chain: ChainSender
  /** The block up to which the index has everything; undefined while it is behind. */
  readonly indexedBlock: () => Promise<number | undefined>
  readonly clock: () => Date
}

export interface PatientTerms {
  /**
   * `taken`: never again once the chain took it. `seen`: also again when the chain took it and the index, which is past it,
   * does not show it: it landed in a contract that did not count any more.
   */
  readonly until: 'taken' | 'seen'
  /** Refusals that say that all is as it should be; asked about once a day. */
  readonly satisfied?: readonly RevertCode[]
}

/** Sends what the chain may refuse today and take next week. */
export interface PatientSender {
  /**
   * Sends a call whose effect the index does not show: the first time under its key, and for as long as it is asked to again
   * under numbered ones. Waits for what is on its way, and after each attempt longer, up to ten minutes.
   */
  send<C extends ContractName, M extends MethodName<C>>(call: OutboxCall<C, M>, terms: PatientTerms): Promise<void>
}

/** Keeps nothing but the outbox's own rows: a process that starts anew goes on where the last one ended. */
export function createPatientSender({ chain, indexedBlock, clock }: PatientSenderOptions): PatientSender {
  /** The last attempt seen of each call, so that they are not all looked up each time. */
  const seen = new Map<string, number>()
  const keyOf = (key: string, attempt: number): string => attempt === 1 ? key : `${key}:${attempt}`

  const findLast = async (key: string): Promise<{ readonly attempt: number; readonly entry: OutboxEntry | undefined }> => {
    let last: OutboxEntry | undefined
    let attempt = seen.get(key) ?? 1
    for (let entry = await chain.state(keyOf(key, attempt)); entry !== undefined; entry = await chain.state(keyOf(key, attempt))) {
      last = entry
      attempt += 1
    }
    if (last !== undefined) seen.set(key, attempt - 1)
    return { attempt: last === undefined ? 0 : attempt - 1, entry: last }
  }

  const pauseMs = (attempt: number): number => Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS)

  const isLost = async (entry: OutboxEntry, attempt: number, { until, satisfied = [] }: PatientTerms): Promise<boolean> => {
    if (entry.state === 'queued' || entry.state === 'sent' || (entry.state === 'confirmed' && until === 'taken')) return false
    const isSatisfied = entry.errorCode !== undefined && satisfied.includes(entry.errorCode)
    if (clock().getTime() < (entry.resolvedAtMs ?? 0) + (isSatisfied ? SATISFIED_PAUSE_MS : pauseMs(attempt))) return false
    return entry.state === 'failed' || (entry.blockNumber ?? Infinity) <= (await indexedBlock() ?? -1)
  }

  return {
    async send(call, terms) {
      const { attempt, entry } = await findLast(call.key)
      if (entry === undefined || await isLost(entry, attempt, terms)) await chain.enqueue({ ...call, key: keyOf(call.key, attempt + 1) })
    },
  }
}
