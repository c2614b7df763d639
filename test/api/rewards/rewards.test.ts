import { expect } from 'chai'
import { sql } from 'kysely'
import type { ListedProgram } from '../../../api/rewards/types.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { createNotePurse, createPointsDesk, pointsMigrations, refusalOf } from '../points-desk.ts'

describe('rewards', () => {
  onEachDatabase(pointsMigrations, (db) => {
    let desk: ReturnType<typeof createPointsDesk>
    let program: ListedProgram
    let residentId: string
    const officer = { issuer: 'https://login.test', subject: 'officer' }

    before(async function makeProgram() {
      this.timeout(60_000)
      desk = createPointsDesk(db())
      program = await desk.rewards.createProgram({ name: 'Porto Points', units: 1_000, validUntil: new Date('2026-12-31T23:59:59Z') })
    })
    beforeEach(async () => {
      desk.time.now = new Date('2026-11-23T10:00:00Z')
      residentId = await desk.enrol()
    })

    const award = (points: number, to = residentId) =>
      desk.rewards.award({ residentId: to, programId: program.programId, points, reason: 'helped at the library' }, officer)
    const balance = async (of = residentId): Promise<number> => (await desk.rewards.listBalances(of))[0]?.balance ?? 0

    it('creates a programme with eleven different keys, and funds it, in one go', () => {
      expect(program.denominations.map(({ value }) => value)).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
      expect(new Set(program.denominations.map(({ modulus }) => Buffer.from(modulus).toString('hex')))).to.have.property('size', 11)
      for (const { modulus } of program.denominations) expect([modulus.length, (modulus[0] ?? 0) >> 7, (modulus.at(-1) ?? 0) & 1]).to.deep.equal([256, 1, 1])
      expect(desk.chain.calls.slice(0, 2).map(({ method }) => method)).to.deep.equal(['create', 'fund'])
    })

    it('adds awards to the balance and tells why in the history', async () => {
      expect(await award(30)).to.equal(30)
      expect(await award(12)).to.equal(42)
      const history = await desk.rewards.listHistory(residentId)
      expect(history.map(({ kind, points, reason }) => ({ kind, points, reason }))).to.deep.include({ kind: 'award', points: 12, reason: 'helped at the library' })
    })

    it('puts each award on record with who gave it and how much, but not with the words of the reason', async () => {
      await award(5)
      const [act] = await desk.acts.list({ limit: 1 })
      expect(act).to.deep.include({ act: 'awarded', by: officer, residentId, programId: program.programId, points: 5, reason: undefined })
    })

    it('gives no points that it cannot put on record', async () => {
      const { awarded } = await desk.rewards.findProgram(program.programId) ?? {}
      await sql`alter table staff_acts rename to staff_acts_away`.execute(db())
      const outcome = await award(5).then(() => 'awarded', () => 'refused')
      await sql`alter table staff_acts_away rename to staff_acts`.execute(db())
      expect(outcome).to.equal('refused')
      expect([await balance(), (await desk.rewards.findProgram(program.programId))?.awarded]).to.deep.equal([0, awarded])
    })

    it('keeps the reason sealed', async () => {
      await award(1)
      const rows = (await sql<{ reason_sealed: Uint8Array }>`select reason_sealed from rewards_awards`.execute(db())).rows
      for (const row of rows) expect(Buffer.from(row.reason_sealed).toString('latin1')).not.to.contain('library')
    })

    it('awards nothing beyond the budget, also when awards race', async () => {
      const small = await desk.rewards.createProgram({ name: 'Small', units: 10, validUntil: new Date('2026-12-31T00:00:00Z') })
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => refusalOf(
        desk.rewards.award({ residentId, programId: small.programId, points: 3, reason: 'x' }, officer))))
      expect(outcomes.filter((outcome) => outcome === 'accepted')).to.have.length(3)
      expect(outcomes.filter((outcome) => outcome === 'ERR_BUDGET_EXHAUSTED')).to.have.length(3)
    }).timeout(30_000)

    it('awards nothing before the beginning or after the end', async () => {
      desk.time.now = new Date('2027-01-01T00:00:00Z')
      expect(await refusalOf(award(1))).to.equal('ERR_PROGRAM_NOT_RUNNING')
      desk.time.now = new Date('2026-11-23T09:00:00Z')
      expect(await refusalOf(award(1))).to.equal('ERR_PROGRAM_NOT_RUNNING')
    })

    it('awards nothing in a programme that was closed on the chain', async () => {
      desk.index.totals.set(program.programId, { funded: 1n, redeemed: 0n, closed: true, replaced: false })
      const outcome = await refusalOf(award(1))
      desk.index.totals.delete(program.programId)
      expect(outcome).to.equal('ERR_PROGRAM_NOT_RUNNING')
    })

    it('neither awards nor signs notes in a programme whose contract was replaced: nobody would take them', async () => {
      await award(1)
      desk.index.totals.set(program.programId, { funded: 1n, redeemed: 0n, closed: false, replaced: true })
      const asked = createNotePurse(program.programId, program.denominations).ask(1, 99)
      const outcomes = [await refusalOf(award(1)), await refusalOf(desk.rewards.withdraw(residentId, program.programId, [asked]))]
      desk.index.totals.delete(program.programId)
      expect(outcomes).to.deep.equal(['ERR_PROGRAM_REPLACED', 'ERR_PROGRAM_REPLACED'])
    })

    it('signs notes that unblind to signatures under the programme\'s keys', async () => {
      await award(7)
      const purse = createNotePurse(program.programId, program.denominations)
      const asked = [purse.ask(4, 0), purse.ask(2, 0)]
      const signed = await desk.rewards.withdraw(residentId, program.programId, asked)
      const notes = signed.map(({ value, signature }) => purse.take(value, 0, signature))
      expect(notes.map(({ value }) => value)).to.deep.equal([4, 2])
      expect(await balance()).to.equal(1)
    })

    it('gives the same signature again without a second debit', async () => {
      await award(4)
      const asked = [createNotePurse(program.programId, program.denominations).ask(4, 0)]
      const [first] = await desk.rewards.withdraw(residentId, program.programId, asked)
      const [second] = await desk.rewards.withdraw(residentId, program.programId, asked)
      expect(Buffer.from(second?.signature ?? []).equals(Buffer.from(first?.signature ?? [1]))).to.equal(true)
      expect(await balance()).to.equal(0)
    })

    it('never lets the balance go below zero when withdrawals race', async () => {
      await award(8)
      const purse = createNotePurse(program.programId, program.denominations)
      const outcomes = await Promise.all(Array.from({ length: 8 }, (_unused, counter) => refusalOf(
        desk.rewards.withdraw(residentId, program.programId, [purse.ask(4, counter)]))))
      expect(outcomes.filter((outcome) => outcome === 'accepted')).to.have.length(2)
      expect(outcomes.filter((outcome) => outcome === 'ERR_BALANCE_INSUFFICIENT')).to.have.length(6)
      expect(await balance()).to.equal(0)
    })

    it('debits once when the same withdrawal races with itself', async () => {
      await award(8)
      const asked = [createNotePurse(program.programId, program.denominations).ask(4, 0)]
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => refusalOf(desk.rewards.withdraw(residentId, program.programId, asked))))
      expect(new Set(outcomes)).to.deep.equal(new Set(['accepted']))
      expect(await balance()).to.equal(4)
    })

    it('signs all of a request or nothing', async () => {
      await award(4)
      const purse = createNotePurse(program.programId, program.denominations)
      expect(await refusalOf(desk.rewards.withdraw(residentId, program.programId, [purse.ask(4, 0), purse.ask(1, 0)]))).to.equal('ERR_BALANCE_INSUFFICIENT')
      expect(await balance()).to.equal(4)
    })

    it('refuses a blinded value that was signed for another value or another person', async () => {
      await award(4)
      const other = await desk.enrol()
      await award(8, other)
      const purse = createNotePurse(program.programId, program.denominations)
      const asked = purse.ask(4, 0)
      await desk.rewards.withdraw(residentId, program.programId, [asked])
      expect(await refusalOf(desk.rewards.withdraw(other, program.programId, [asked]))).to.equal('ERR_BLINDED_REUSED')
      expect(await balance(other)).to.equal(8)
    })

    it('refuses unknown values, repeated values and numbers that are none', async () => {
      await award(8)
      const asked = createNotePurse(program.programId, program.denominations).ask(1, 0)
      expect(await refusalOf(desk.rewards.withdraw(residentId, program.programId, [{ ...asked, value: 3 }]))).to.equal('ERR_DENOMINATION_UNKNOWN')
      expect(await refusalOf(desk.rewards.withdraw(residentId, program.programId, [asked, asked]))).to.equal('ERR_BLINDED_REUSED')
      expect(await refusalOf(desk.rewards.withdraw(residentId, program.programId, [{ value: 1, blinded: 'AAAA' }]))).to.equal('ERR_BLINDED_INVALID')
    })

    it('recovers only what was signed for this person before, and never debits', async () => {
      await award(4)
      const purse = createNotePurse(program.programId, program.denominations)
      const [mine, never] = [purse.ask(4, 0), purse.ask(4, 1)]
      const [signed] = await desk.rewards.withdraw(residentId, program.programId, [mine])
      const recovered = await desk.rewards.recover(residentId, program.programId, [never.blinded, mine.blinded])
      expect(recovered[0]).to.equal(undefined)
      expect(Buffer.from(recovered[1] ?? []).equals(Buffer.from(signed?.signature ?? [1]))).to.equal(true)
      expect(await desk.rewards.recover(await desk.enrol(), program.programId, [mine.blinded])).to.deep.equal([undefined])
      expect(await balance()).to.equal(0)
    })

    it('keeps nothing by which a note could be found from its withdrawal', async () => {
      await award(4)
      const purse = createNotePurse(program.programId, program.denominations)
      const [signed] = await desk.rewards.withdraw(residentId, program.programId, [purse.ask(4, 7)])
      const note = purse.take(4, 7, signed?.signature ?? new Uint8Array())
      const tables = (await sql<{ name: string }>`select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db())).rows
      const dump = (await Promise.all(tables.map(async ({ name }) => JSON.stringify((await sql`select t::text from ${sql.table(name)} t`.execute(db())).rows)))).join()
      expect(dump).to.contain(residentId)
      expect(dump.toLowerCase()).not.to.contain(note.address.slice(2).toLowerCase())
      expect(dump).not.to.contain(Buffer.from(note.rsaSignature).toString('hex'))
      expect(dump).not.to.contain(Buffer.from(signed?.signature ?? []).toString('hex'))
    })

    it('spends a challenge once', async () => {
      const nonce = await desk.rewards.createChallenge()
      const first = await desk.rewards.openSession('x', nonce).catch((error: unknown) => (error as { members: { reason: string } }).members.reason)
      const second = await desk.rewards.openSession('x', nonce).catch((error: unknown) => (error as { members: { reason: string } }).members.reason)
      expect([first, second]).to.deep.equal(['ERR_ISSUER_MISMATCH', 'ERR_REPLAYED'])
    })

    it('ends a session with the card that opened it', async () => {
      desk.cards.holder = residentId
      const token = await desk.rewards.openSession('held', await desk.rewards.createChallenge())
      expect(await desk.rewards.findSession(token)).to.equal(residentId)
      desk.cards.active = false
      expect(await desk.rewards.findSession(token)).to.equal(undefined)
      desk.cards.active = true
    })
  })
})
