import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { sql } from 'kysely'
import { hashAct } from '../../../api/audit/chain.ts'
import { auditMigrations } from '../../../api/audit/migrations.ts'
import { createAuditService } from '../../../api/audit/service.ts'
import { createAuditStore } from '../../../api/audit/store.ts'
import type { PublishedAnchor, RecordFault, RecordProof } from '../../../api/audit/types.ts'
import { createPatientSender } from '../../../api/platform/patient-sender.ts'
import type { ChainSender } from '../../../api/platform/chain-sender.ts'
import { migrate, openDatabase } from '../../../api/platform/database.ts'
import { platformMigrations } from '../../../api/platform/migrations.ts'
import { transact } from '../../../api/platform/transaction.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { createMemoryChainSender } from '../../fakes/memory-chain-sender.ts'

const officer = { issuer: 'https://login.test', subject: 'officer' }
const day = 86_400_000
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const yearsAgo = (years: number, plusMs = 0) => {
  const at = new Date()
  at.setUTCFullYear(at.getUTCFullYear() - years)
  return new Date(at.getTime() + plusMs)
}

describe('the proof of the record of officers\' acts', () => onEachDatabase({ ...platformMigrations, ...auditMigrations }, (db) => {
  const time = { now: new Date() }
  const clock = () => time.now
  let store: ReturnType<typeof createAuditStore>
  let chain: ReturnType<typeof createMemoryChainSender>
  let published: PublishedAnchor[]
  let service: ReturnType<typeof createAuditService>

  beforeEach(async () => {
    time.now = new Date()
    await sql`truncate staff_acts, staff_acts_anchors`.execute(db())
    store = createAuditStore(db(), clock)
    chain = createMemoryChainSender(() => clock().getTime())
    published = []
    service = createAuditService({
      store, sender: senderTo(chain), locode: 'PTOPO', clock, random: (length) => new Uint8Array(randomBytes(length)), listPublished: async () => published,
    })
  })

  const senderTo = (to: Pick<ChainSender, 'enqueue' | 'state'>) => createPatientSender({ chain: to, indexedBlock: async () => undefined, clock })
  const record = async (count = 1) => {
    for (let made = 0; made < count; made += 1) await store.record(officer, { act: 'enrolled', residentId: randomUUID() })
  }
  const ids = async () => (await store.listAfter(0, 1_000)).map(({ actId }) => actId)
  /** Anchors the newest act, and has the chain take it, at once or later. */
  const anchor = async (laterMs = 0) => {
    await service.anchor()
    const [, , actId, root] = chain.calls.at(-1)?.args as readonly unknown[] as readonly [string, number, number, string]
    published.push({ actId, root, anchoredAt: new Date(clock().getTime() + laterMs) })
    time.now = new Date(clock().getTime() + day)
  }
  /** What the proof says after somebody who administers the database was at it; all is as before then. */
  const afterTampering = async (tamper: () => Promise<unknown>): Promise<RecordProof> => {
    let proof: RecordProof | undefined
    const undone = await transact(db(), async () => {
      await sql`alter table staff_acts disable trigger user`.execute(db())
      await tamper()
      proof = await service.verify()
      throw new Error('undo')
    }).catch((error: unknown) => String(error))
    expect(undone).to.equal('Error: undo')
    if (proof === undefined) throw new Error('no proof')
    return proof
  }
  const faultAfter = async (tamper: () => Promise<unknown>): Promise<RecordFault | undefined> => (await afterTampering(tamper)).fault
  /** Makes all hashes fit again from an act on, as somebody would who knows how. */
  const rehash = async (from: number) => {
    for (const actId of (await ids()).filter((id) => id >= from)) {
      const [act] = await store.listAfter(actId - 1, 1)
      const [before] = await store.list({ before: actId, limit: 1 })
      if (act === undefined) continue
      const previous = before?.hash ?? act.previousHash
      await sql`update staff_acts set previous_hash = ${previous}, hash = ${hashAct(act, previous)} where act_id = ${actId}`.execute(db())
    }
  }

  it('hashes each act with the one before, as the documentation says', async () => {
    await record()
    const residentId = randomUUID()
    await store.record(officer, { act: 'awarded', residentId, programId: `0x${'1f'.repeat(32)}`, points: 30 })
    const [first, second] = await store.listAfter(0, 2)
    const before = Buffer.from(first?.hash ?? []).toString('hex')
    expect(Buffer.from(first?.previousHash ?? []).toString('hex')).to.equal('00'.repeat(32))
    expect(Buffer.from(second?.previousHash ?? []).toString('hex')).to.equal(before)
    expect(Buffer.from(second?.hash ?? []).toString('hex')).to.equal(sha256(
      `["symbolon-staff-act-v1","${before}",${String(second?.actId)},"${clock().toISOString()}","https://login.test","officer","awarded","${residentId}",null,null,"0x${'1f'.repeat(32)}",30,null]`))
  })

  it('holds for acts of many officers at once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, one) => store.record({ ...officer, subject: `officer ${one}` }, { act: 'enrolled', residentId: randomUUID() })))
    const resident = randomUUID()
    await Promise.all(Array.from({ length: 8 }, () => store.recordLooks(officer, [resident], 'file')))
    expect(await service.verify()).to.deep.include({ acts: 21, fault: undefined })
  })

  it('goes on after an act that was taken back', async () => {
    await record()
    await transact(db(), async () => {
      await record()
      throw new Error('power cut')
    }).catch(() => undefined)
    await record()
    expect(await service.verify()).to.deep.include({ acts: 2, fault: undefined })
  })

  it('holds for an empty record, which is not anchored', async () => {
    await service.anchor()
    expect(chain.calls).to.deep.equal([])
    expect(await service.verify()).to.deep.equal({ acts: 0, firstActId: undefined, lastActId: undefined, anchors: 0, latest: undefined, fault: undefined })
  })

  it('sends the newest act\'s hash to the chain, salted anew, once a day and only when there were acts', async () => {
    await record(3)
    await service.anchor()
    await record()
    await service.anchor()
    expect(chain.calls).to.have.length(1)
    const head = (await store.listAfter(0, 10))[2]
    const [kept] = await store.listAnchors()
    const root = `0x${sha256(JSON.stringify(['symbolon-staff-acts-head-v1', Buffer.from(kept?.salt ?? []).toString('hex'), head?.actId, head?.at.toISOString(), Buffer.from(head?.hash ?? []).toString('hex')]))}`
    expect(chain.calls[0]).to.deep.include({ account: 'city-controller', contract: 'Anchors', method: 'anchor', args: ['0x50544f504f', 1, head?.actId, root] })
    time.now = new Date(clock().getTime() + day)
    await service.anchor()
    time.now = new Date(clock().getTime() + day)
    await service.anchor()
    expect(chain.calls).to.have.length(2)
    const [later] = await store.listAnchors()
    expect(Buffer.from(later?.salt ?? []).equals(Buffer.from(kept?.salt ?? []))).to.equal(false)
    expect(later?.salt).to.have.length(32)
  })

  it('sends it again when the outbox was away, or the chain refused it, until the chain takes it', async () => {
    await record()
    const away = { enqueue: async () => { throw new Error('no outbox') }, state: async () => undefined }
    const failing = createAuditService({ store, sender: senderTo(away), clock, locode: 'PTOPO', random: () => new Uint8Array(32).fill(7), listPublished: async () => [] })
    expect(await failing.anchor().then(() => 'anchored', () => 'failed')).to.equal('failed')
    await service.anchor()
    await service.anchor()
    expect(chain.calls).to.have.length(1)
    const [sent] = chain.calls
    chain.settle(sent?.key ?? '', 'failed', 'ERR_GUARDIAN_PAUSED')
    await service.anchor()
    expect(chain.calls, 'at once').to.have.length(1)
    time.now = new Date(clock().getTime() + 10_000)
    await service.anchor()
    expect(chain.calls.map(({ args }) => args)).to.deep.equal([sent?.args, sent?.args])
    chain.settle(chain.calls[1]?.key ?? '', 'confirmed', undefined, 9)
    time.now = new Date(clock().getTime() + 2 * day)
    await service.anchor()
    expect(chain.calls, 'once taken').to.have.length(2)
    expect(await store.listAnchors()).to.have.length(1)
  })

  describe('with anchors on the chain', () => {
    let acts: readonly number[]

    beforeEach(async () => {
      for (const count of [3, 3, 3]) {
        await record(count)
        await anchor()
      }
      await record(2)
      acts = await ids()
    })
    const idOf = (position: number) => acts[position] ?? 0

    it('holds, and names the newest anchor that fits', async () => {
      const proof = await service.verify()
      expect(proof).to.deep.include({ acts: 11, firstActId: idOf(0), lastActId: idOf(10), anchors: 3, fault: undefined })
      expect(proof.latest).to.deep.include(published[2])
    })

    it('tells the act that was changed', async () => {
      expect(await faultAfter(() => sql`update staff_acts set subject = 'somebody else' where act_id = ${idOf(4)}`.execute(db())))
        .to.deep.equal({ actId: idOf(4), kind: 'changed', provenUpTo: idOf(2) })
      expect((await service.verify()).fault).to.equal(undefined)
    })

    for (const [column, value] of Object.entries({
      at: sql`at + interval '1 second'`, issuer: sql`'https://other.test'`, act: sql`'revoked'`, resident_id: sql`gen_random_uuid()`, card_id: sql`gen_random_uuid()`,
      new_card_id: sql`gen_random_uuid()`, program_id: sql`'0x00'`, points: sql`1`, reason: sql`'lost'`,
    })) {
      it(`tells that ${column} was changed`, async () => {
        expect(await faultAfter(() => sql`update staff_acts set ${sql.ref(column)} = ${value} where act_id = ${idOf(10)}`.execute(db())))
          .to.deep.equal({ actId: idOf(10), kind: 'changed', provenUpTo: idOf(8) })
      })
    }

    it('tells where an act was taken out', async () => {
      expect(await faultAfter(() => sql`delete from staff_acts where act_id = ${idOf(4)}`.execute(db())))
        .to.deep.equal({ actId: idOf(5), kind: 'unlinked', provenUpTo: idOf(2) })
    })

    it('tells between which anchors acts were altered, with all hashes after', async () => {
      expect(await faultAfter(async () => {
        await sql`update staff_acts set subject = 'somebody else' where act_id = ${idOf(4)}`.execute(db())
        await rehash(idOf(4))
      })).to.deep.equal({ actId: idOf(5), kind: 'rewritten', provenUpTo: idOf(2) })
    })

    it('tells that what is kept of an anchor was made to fit', async () => {
      expect(await faultAfter(async () => {
        await sql`update staff_acts set subject = 'somebody else' where act_id = ${idOf(4)}`.execute(db())
        await rehash(idOf(4))
        await sql`update staff_acts_anchors set hash = staff_acts.hash from staff_acts where staff_acts.act_id = staff_acts_anchors.act_id`.execute(db())
      })).to.deep.equal({ actId: idOf(5), kind: 'unproven', provenUpTo: idOf(2) })
      expect(await faultAfter(() => sql`delete from staff_acts_anchors where act_id = ${idOf(5)}`.execute(db())))
        .to.deep.equal({ actId: idOf(5), kind: 'unproven', provenUpTo: idOf(2) })
    })

    it('tells that the newest acts were taken away, or all of them', async () => {
      expect(await faultAfter(() => sql`delete from staff_acts where act_id >= ${idOf(7)}`.execute(db())))
        .to.deep.equal({ actId: idOf(8), kind: 'missing', provenUpTo: idOf(5) })
      expect(await faultAfter(() => sql`delete from staff_acts`.execute(db())))
        .to.deep.equal({ actId: idOf(2), kind: 'missing', provenUpTo: undefined })
    })

    it('tells that the oldest acts were deleted before their time', async () => {
      expect(await faultAfter(() => sql`delete from staff_acts where act_id <= ${idOf(3)}`.execute(db())))
        .to.deep.equal({ actId: idOf(2), kind: 'missing', provenUpTo: undefined })
    })
  })

  describe('after acts were deleted that had been kept for five years', () => {
    it('holds from the first that is left, by the clock of the database, whatever the service\'s own clock says', async () => {
      const anchorLate = async () => { await anchor(3 * day) }
      for (const [at, then] of [
        [yearsAgo(5, -40 * day), anchor], [yearsAgo(5, -60_000), anchorLate], [yearsAgo(5, 3_600_000), async () => {}], [new Date(Date.now() - day), anchor],
      ] as const) {
        time.now = at
        await record(2)
        await then()
      }
      const acts = await ids()
      time.now = new Date(Date.now() + 3 * day)
      await store.sweep()
      expect(await ids()).to.deep.equal(acts.slice(4))
      time.now = new Date()
      expect(await service.verify()).to.deep.include({ acts: 4, firstActId: acts[4], anchors: 1, fault: undefined })
    })

    it('leaves no gap: an act that a clock dated too late holds those after it back', async () => {
      for (const at of [yearsAgo(5, -3 * day), yearsAgo(5, day), yearsAgo(5, -2 * day)]) {
        time.now = at
        await record()
      }
      const acts = await ids()
      await store.sweep()
      expect(await ids()).to.deep.equal(acts.slice(1))
      expect((await service.verify()).fault).to.equal(undefined)
    })

    it('forgets the salts of acts a year after the acts, and what the chain has is noise then', async () => {
      for (const at of [yearsAgo(6, -2 * day), yearsAgo(6, 2 * day)]) {
        time.now = at
        await record()
        await anchor()
      }
      await store.sweep()
      time.now = new Date()
      expect((await store.listAnchors()).map(({ actId }) => actId)).to.deep.equal([published[1]?.actId])
      expect(await service.verify()).to.deep.include({ acts: 0, anchors: 0, fault: undefined })
    })
  })
}))

describe('the record of officers\' acts from before it was chained', () => {
  it('is chained in the order of its acts', async () => {
    const db = openDatabase({ kind: 'memory' })
    const before = Object.fromEntries(Object.entries(auditMigrations).filter(([name]) => name < '085-audit-004'))
    await migrate(db, { ...platformMigrations, ...before })
    await sql`insert into staff_acts (at, issuer, subject, act, resident_id) select now() - past * interval '1 day', 'x', 'long ago', 'enrolled', gen_random_uuid()
      from generate_series(3, 1, -1) as past`.execute(db)
    await migrate(db, { ...platformMigrations, ...auditMigrations })
    const store = createAuditStore(db, () => new Date())
    await store.record(officer, { act: 'enrolled', residentId: randomUUID() })
    const service = createAuditService({
      store, sender: { send: async () => undefined }, locode: 'PTOPO', clock: () => new Date(), random: () => new Uint8Array(32), listPublished: async () => [],
    })
    expect(await service.verify()).to.deep.include({ acts: 4, fault: undefined })
    expect(await sql`update staff_acts set subject = 'x'`.execute(db).then(() => 'done', (error: unknown) => String(error))).to.contain('only ever added to')
    await db.destroy()
  })
})
