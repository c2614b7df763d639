import { expect } from 'chai'
import { issuanceMigrations } from '../../../api/issuance/migrations.ts'
import { createStatusStore, type StatusStore } from '../../../api/issuance/status-store.ts'
import { migrate, openDatabase, type Db } from '../../../api/platform/database.ts'
import { platformMigrations } from '../../../api/platform/migrations.ts'
import { transact } from '../../../api/platform/transaction.ts'
import { residentMigrations } from '../../../api/residents/migrations.ts'

describe('the decoys of a status list', () => {
  let db: Db
  let store: StatusStore
  const list = { listId: '1', uri: 'https://card.porto.example/status/1', size: 1024, now: new Date('2026-05-20T12:00:00Z') }

  before(async () => {
    db = openDatabase({ kind: 'memory' })
    await migrate(db, { ...platformMigrations, ...residentMigrations, ...issuanceMigrations })
    store = createStatusStore(db)
  })
  after(async () => { await db.destroy() })

  it('are forgotten with a list that is rolled back', async () => {
    const undone = new Error('undone')
    const work = transact(db, async () => {
      await store.insertList({ ...list, decoys: Uint32Array.of(100, 200) })
      expect((await store.findOpen())?.decoys).to.deep.equal(Uint32Array.of(100, 200))
      throw undone
    })
    expect(await work.catch((error: unknown) => error)).to.equal(undone)
    expect(await store.findOpen()).to.equal(undefined)
    await store.insertList({ ...list, decoys: Uint32Array.of(300, 400) })
    expect((await store.findOpen())?.decoys).to.deep.equal(Uint32Array.of(300, 400))
  })

  it('are read from the database once', async () => {
    const first = (await store.find('1'))?.decoys
    expect(first).to.deep.equal(Uint32Array.of(300, 400))
    expect((await store.findOpen())?.decoys).to.equal(first)
    expect((await store.listAll()).map(({ decoys }) => decoys)[0]).to.equal(first)
  })
})
