import { controllerAccount, locodeBytes } from '../city/identity.ts'
import type { PatientSender } from '../platform/patient-sender.ts'
import { hashAct, hashHead, isSameHash } from './chain.ts'
import type { AuditStore } from './store.ts'
import { keptYears, type HeadAnchor, type PublishedAnchor, type RecordedAct, type RecordFault, type RecordProof } from './types.ts'

/** The number of the log of acts in `Anchors`. */
export const actsLog = 1
const dayMs = 86_400_000
const actsAtOnce = 1_000

export interface AuditServiceOptions {
  readonly store: Pick<AuditStore, 'list' | 'listAfter' | 'insertAnchor' | 'listAnchors'>
  readonly sender: PatientSender
  /** What the chain has of the log of acts of this city. */
  readonly listPublished: () => Promise<readonly PublishedAnchor[]>
  readonly locode: string
  readonly clock: () => Date
  readonly random: (length: number) => Uint8Array
}

export interface AuditService {
  /** Sends the hash of the newest act to the chain, salted, once a day when there were acts; again when the chain refused it. */
  anchor(): Promise<void>
  /** Goes through the whole record and compares it with itself and with the chain. */
  verify(): Promise<RecordProof>
}

interface Expected {
  readonly published: PublishedAnchor
  readonly kept: HeadAnchor | undefined
}

/** Anchors the record of officers' acts, and proves that it is what it was. */
export function createAuditService({ store, sender, listPublished, locode, clock, random }: AuditServiceOptions): AuditService {
  /** Anchors on the chain of acts that must still be here, or were until lately, the oldest first. */
  const listExpected = async (since: Date): Promise<readonly Expected[]> => {
    // In this order: what is on the chain was written down before.
    const published = await listPublished()
    const kept = new Map((await store.listAnchors()).map((anchor) => [anchor.actId, anchor]))
    return published.filter(({ anchoredAt }) => anchoredAt >= since)
      .map((anchor) => ({ published: anchor, kept: kept.get(anchor.actId) })).sort((a, b) => a.published.actId - b.published.actId)
  }

  /** The head to have on the chain: the last one, or a day later that of the acts since. Written down before anybody else has it. */
  const findHead = async (): Promise<HeadAnchor | undefined> => {
    const [newest] = await store.list({ limit: 1 })
    const [last] = await store.listAnchors(1)
    const madeAt = clock()
    if (newest === undefined || (last !== undefined && (last.actId >= newest.actId || last.madeAt.getTime() > madeAt.getTime() - dayMs))) return last
    const head = { actId: newest.actId, actedAt: newest.at, hash: newest.hash, salt: random(32), madeAt }
    await store.insertAnchor(head)
    return head
  }

  return {
    async anchor() {
      const head = await findHead()
      if (head === undefined) return
      await sender.send({
        account: controllerAccount, contract: 'Anchors', method: 'anchor', key: `anchor:${actsLog}:${head.actId}`,
        args: [locodeBytes(locode), actsLog, head.actId, hashHead({ ...head, at: head.actedAt })],
      }, { until: 'taken' })
    },

    async verify() {
      const since = new Date(clock())
      since.setUTCFullYear(since.getUTCFullYear() - keptYears)
      const expected = await listExpected(since)
      const walk = createWalk(expected)
      for (let after = 0; walk.fault() === undefined;) {
        const acts = await store.listAfter(after, actsAtOnce)
        for (const act of acts) walk.step(act)
        const last = acts.at(-1)
        if (last === undefined) break
        after = last.actId
      }
      // The database sweeps by its own clock, which may go before ours.
      return walk.finish(new Date(since.getTime() + dayMs))
    },
  }
}

/** Goes through the acts, the oldest first, until one does not fit. */
function createWalk(expected: readonly Expected[]) {
  const byAct = new Map(expected.map((anchor) => [anchor.published.actId, anchor]))
  const met = new Set<number>()
  const seen = { acts: 0, first: undefined as number | undefined, last: undefined as RecordedAct | undefined }
  const proof = { anchors: 0, latest: undefined as (HeadAnchor & PublishedAnchor) | undefined }
  let fault: RecordFault | undefined

  const kindOf = (act: RecordedAct): RecordFault['kind'] | undefined => {
    if (!isSameHash(hashAct(act, act.previousHash), act.hash)) return 'changed'
    if (seen.last !== undefined && !isSameHash(act.previousHash, seen.last.hash)) return 'unlinked'
    const anchor = byAct.get(act.actId)
    if (anchor === undefined) return undefined
    if (!isProven(anchor)) return 'unproven'
    return anchor.kept !== undefined && isSameHash(anchor.kept.hash, act.hash) ? undefined : 'rewritten'
  }

  return {
    fault: () => fault,
    step(act: RecordedAct): void {
      if (fault !== undefined) return
      const kind = kindOf(act)
      seen.acts += 1
      seen.first ??= act.actId
      if (kind !== undefined) {
        fault = { actId: act.actId, kind, provenUpTo: proof.latest?.actId }
        return
      }
      seen.last = act
      const anchor = byAct.get(act.actId)
      if (anchor?.kept === undefined) return
      met.add(act.actId)
      proof.anchors += 1
      proof.latest = { ...anchor.kept, ...anchor.published }
    },
    finish(keptSince: Date): RecordProof {
      const gone = expected.find(({ published: { actId }, kept }) =>
        !met.has(actId) && actId < (fault?.actId ?? Number.POSITIVE_INFINITY) && (kept === undefined || kept.actedAt >= keptSince))
      if (gone !== undefined) {
        const { actId } = gone.published
        fault = { actId, kind: gone.kept !== undefined && isProven(gone) ? 'missing' : 'unproven', provenUpTo: [...met].filter((proven) => proven < actId).at(-1) }
      }
      return { acts: seen.acts, firstActId: seen.first, lastActId: seen.last?.actId, ...proof, fault }
    },
  }
}

function isProven({ published, kept }: Expected): boolean {
  return kept !== undefined && hashHead({ actId: kept.actId, at: kept.actedAt, hash: kept.hash, salt: kept.salt }) === published.root.toLowerCase()
}
