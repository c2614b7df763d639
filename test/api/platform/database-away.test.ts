import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../../api/platform/database.ts'
import { startPostgres } from '../../fakes/postgres.ts'
import { startHttpCity } from '../http-city.ts'

describe('a service whose database goes away', () => {
  it('answers 503 with a problem, and goes on by itself when it is back', async function away() {
    this.timeout(120_000)
    const postgres = await startPostgres()
    if (postgres === undefined) return this.skip()
    const db = openDatabase({ kind: 'postgres', url: (await postgres.createDatabase()).url })
    const city = await startHttpCity({ db })
    const programs = () => fetch(`${city.url}/v1/programs`)
    const readiness = async () => await (await fetch(`${city.url}/health/ready`)).json() as { dependencies: { database: string } }
    expect((await programs()).status).to.equal(200)

    await postgres.kill()
    const refused = await programs()
    expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '2'])
    expect(await refused.json()).to.deep.include({ code: 'ERR_DATABASE_UNAVAILABLE', status: 503 })
    expect((await readiness()).dependencies.database).to.equal('down')
    expect((await fetch(`${city.url}/health/live`)).status).to.equal(200)

    await postgres.restart()
    let response = await programs()
    for (let attempt = 0; attempt < 50 && response.status !== 200; attempt += 1) {
      await sleep(100)
      response = await programs()
    }
    expect(response.status).to.equal(200)
    expect((await readiness()).dependencies.database).to.equal('up')
    await city.stop()
    await db.destroy()
    await postgres.stop()
  })
})
