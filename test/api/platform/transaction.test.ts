import { expect } from 'chai'
import { sql } from 'kysely'
import { openDatabase, type Db } from '../../../api/platform/database.ts'
import { afterCommit, transact } from '../../../api/platform/transaction.ts'

describe('transact', () => {
  let db: Db
  const count = async (): Promise<number> => (await sql<{ n: number }>`select count(*)::int as n from things`.execute(db)).rows[0]?.n ?? -1
  const insert = async (name: string): Promise<void> => { await sql`insert into things values (${name})`.execute(db) }

  before(async () => {
    db = openDatabase({ kind: 'memory' })
    await sql`create table things (name text primary key)`.execute(db)
  })
  beforeEach(async () => { await sql`delete from things`.execute(db) })
  after(async () => { await db.destroy() })

  it('rolls back plain queries made inside it', async () => {
    const failed = await transact(db, async () => {
      await insert('a')
      expect(await count()).to.equal(1)
      throw new Error('no')
    }).then(() => 'committed', () => 'rolled back')
    expect([failed, await count()]).to.deep.equal(['rolled back', 0])
  })

  it('is joined by an inner transact', async () => {
    await transact(db, async () => {
      await transact(db, async () => { await insert('a') })
      throw new Error('no')
    }).catch(() => undefined)
    expect(await count()).to.equal(0)
  })

  it('makes a savepoint of a foreign transaction opened inside', async () => {
    await transact(db, async () => {
      await insert('outer')
      await db.transaction().execute(async (trx) => {
        await sql`insert into things values ('inner')`.execute(trx)
        throw new Error('only the inner one')
      }).catch(() => undefined)
    })
    expect((await sql<{ name: string }>`select name from things`.execute(db)).rows).to.deep.equal([{ name: 'outer' }])
  })

  it('keeps concurrent transactions apart on one connection', async () => {
    await Promise.all(Array.from({ length: 10 }, (_unused, index) => transact(db, async () => {
      await insert(`t${index}`)
      if (index % 2 === 1) throw new Error('odd')
    }).catch(() => undefined)))
    expect(await count()).to.equal(5)
  })

  it('lets work that outlives it use the pool again', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const late = await transact(db, async () => ({ work: promise.then(() => insert('late')) }))
    resolve()
    await late.work
    expect(await count()).to.equal(1)
  })

  it('calls listeners after the commit, and never after a roll-back', async () => {
    const heard: string[] = []
    await transact(db, async () => { afterCommit(() => heard.push('committed')); expect(heard).to.deep.equal([]) })
    await transact(db, async () => { afterCommit(() => heard.push('never')); throw new Error('no') }).catch(() => undefined)
    expect(heard).to.deep.equal(['committed'])
  })
})
