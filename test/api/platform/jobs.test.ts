import { expect } from 'chai'
import { createJobRunner, type Job } from '../../../api/platform/jobs.ts'
import { platformMigrations } from '../../../api/platform/migrations.ts'
import { createLogger, createMetrics } from '../../../api/platform/telemetry.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'

describe('jobs', () => {
  onEachDatabase(platformMigrations, (db) => {
    const options = (leaseSeconds = 5) => ({
      db: db(), clock: () => new Date(), leaseSeconds, logger: createLogger({ level: 'silent', locode: 'PTOPO' }), metrics: createMetrics('PTOPO'),
    })

    it('run on one of several processes at a time', async () => {
      let running = 0
      let most = 0
      let runs = 0
      const { promise, resolve } = Promise.withResolvers<void>()
      const job: Job = {
        name: 'shared', everySeconds: 0.2,
        async run() {
          running += 1
          most = Math.max(most, running)
          await new Promise((next) => setTimeout(next, 30))
          running -= 1
          runs += 1
          if (runs === 3) resolve()
        },
      }
      const runners = [1, 2, 3].map(() => createJobRunner([job], options()))
      for (const runner of runners) runner.start()
      await promise
      await Promise.all(runners.map((runner) => runner.stop()))
      expect(most).to.equal(1)
    })

    it('go on after one of them failed', async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      let runs = 0
      const runner = createJobRunner([{
        name: 'failing', everySeconds: 0.2,
        async run() {
          runs += 1
          if (runs === 2) resolve()
          throw new Error('not today')
        },
      }], options())
      runner.start()
      await promise
      await runner.stop()
      expect(runs).to.be.greaterThan(1)
    })

    it('are taken over from a process that died holding them', async () => {
      await db().insertInto('platform_jobs').values({ name: 'orphaned', owner: 'dead', held_until: new Date(Date.now() + 300), last_run_at: null }).execute()
      const { promise, resolve } = Promise.withResolvers<Date>()
      const runner = createJobRunner([{ name: 'orphaned', everySeconds: 0.2, run: async (now) => resolve(now) }], options())
      runner.start()
      const ranAt = await promise
      await runner.stop()
      expect((await db().selectFrom('platform_jobs').selectAll().where('name', '=', 'orphaned').executeTakeFirstOrThrow()).last_run_at).to.deep.equal(ranAt)
    })
  })
})
