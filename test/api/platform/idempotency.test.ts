import { expect } from 'chai'
import { sql } from 'kysely'
import { ApiError } from '../../../api/platform/errors.ts'
import { runIdempotent, sweepIdempotency } from '../../../api/platform/idempotency.ts'
import { platformMigrations } from '../../../api/platform/migrations.ts'
import { createSecrets } from '../../../api/platform/secrets.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'

describe('runIdempotent', () => {
  const secrets = createSecrets(new Uint8Array(32).fill(7))
  onEachDatabase(platformMigrations, (db) => {
    const request = (key: string, body: unknown = { a: 1 }) => ({ scope: 'post /v1/things somebody', key, body })
    const effects = async (): Promise<number> => (await sql<{ n: number }>`select count(*)::int as n from effects`.execute(db())).rows[0]?.n ?? -1
    const work = async (): Promise<{ status: number; body: unknown }> => {
      await sql`insert into effects values (default)`.execute(db())
      return { status: 201, body: { made: 'marker-in-answer' } }
    }
    before(async () => { await sql`create table effects (id serial)`.execute(db()) })
    beforeEach(async () => { await sql`truncate effects`.execute(db()) })

    it('gives the first answer again and works once', async () => {
      const first = await runIdempotent(db(), secrets, request('key-0001'), work)
      const second = await runIdempotent(db(), secrets, request('key-0001'), work)
      expect(first).to.deep.include({ status: 201, replayed: false })
      expect(second).to.deep.equal({ status: 201, body: { made: 'marker-in-answer' }, replayed: true })
      expect(await effects()).to.equal(1)
    })

    it('works once when ten requests race', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => runIdempotent(db(), secrets, request('key-0002'), work)))
      expect(answers.filter((answer) => !answer.replayed)).to.have.length(1)
      expect(await effects()).to.equal(1)
    })

    it('refuses another body under the same key', async () => {
      await runIdempotent(db(), secrets, request('key-0003'), work)
      const code = await runIdempotent(db(), secrets, request('key-0003', { a: 2 }), work).catch((error: unknown) => (error as ApiError).code)
      expect(code).to.equal('ERR_IDEMPOTENCY_CONFLICT')
    })

    it('takes the members of a body in any order', async () => {
      await runIdempotent(db(), secrets, request('key-0004', { a: 1, b: { c: 2, d: 3 } }), work)
      expect(await runIdempotent(db(), secrets, request('key-0004', { b: { d: 3, c: 2 }, a: 1 }), work)).to.include({ replayed: true })
    })

    it('forgets a refusal together with everything done before it', async () => {
      const failing = async (): Promise<never> => {
        await work()
        throw new ApiError('ERR_CONFLICT')
      }
      await runIdempotent(db(), secrets, request('key-0005'), failing).catch(() => undefined)
      expect(await effects()).to.equal(0)
      expect(await runIdempotent(db(), secrets, request('key-0005'), work)).to.include({ replayed: false })
    })

    it('keeps keys of different scopes apart', async () => {
      await runIdempotent(db(), secrets, request('key-0006'), work)
      const other = await runIdempotent(db(), secrets, { ...request('key-0006', { other: true }), scope: 'post /v1/things another' }, work)
      expect(other).to.include({ replayed: false })
    })

    it('keeps neither the answer nor the key in plain text', async () => {
      await runIdempotent(db(), secrets, request('key-plain-text'), work)
      const rows = await db().selectFrom('platform_idempotency').selectAll().execute()
      const stored = rows.map((row) => `${row.key_hash} ${row.request_hash} ${Buffer.from(row.response_sealed ?? []).toString('latin1')}`).join()
      expect(stored).not.to.contain('marker-in-answer')
      expect(stored).not.to.contain('key-plain-text')
    })

    it('forgets answers after their time', async () => {
      await runIdempotent(db(), secrets, request('key-0008'), work)
      await sweepIdempotency(db(), new Date(Date.now() + 49 * 3_600_000))
      expect(await db().selectFrom('platform_idempotency').selectAll().execute()).to.deep.equal([])
    })
  })
})
