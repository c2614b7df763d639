import { randomUUID } from 'node:crypto'
import type { Db } from './database.ts'
import type { Logger, Metrics } from './telemetry.ts'
import { detach } from './transaction.ts'

export interface Job {
  readonly name: string
  readonly everySeconds: number
  run(now: Date): Promise<void>
}

/** Something that runs until it is stopped, on one process at a time: the outbox, the index. */
export interface Duty {
  readonly name: string
  start(): Promise<void> | void
  stop(): Promise<void> | void
}

export interface JobsOptions {
  readonly db: Db
  readonly clock: () => Date
  readonly logger: Logger
  readonly metrics: Metrics
  /** How long a process that died keeps its claim, in seconds. */
  readonly leaseSeconds?: number
}

export interface JobRunner {
  start(): Promise<void>
  stop(): Promise<void>
  /** Names of the duties this process holds now. */
  held(): readonly string[]
}

/** Runs jobs and duties, each claimed in the database, so that any number of processes may share them. */
export function createJobRunner(jobs: readonly Job[], duties: readonly Duty[], options: JobsOptions): JobRunner {
  const { db, clock, logger, metrics } = options
  const leaseSeconds = options.leaseSeconds ?? 15
  const owner = randomUUID()
  const running = new Set<Promise<void>>()
  const holding = new Set<string>()
  const timers: NodeJS.Timeout[] = []
  let stopped = false

  const until = (seconds: number): Date => new Date(clock().getTime() + seconds * 1000)

  const claimDuty = async (name: string): Promise<boolean> => {
    await db.insertInto('platform_jobs').values({ name, owner: null, held_until: null, last_run_at: null })
      .onConflict((conflict) => conflict.column('name').doNothing()).execute()
    const row = await db.updateTable('platform_jobs').set({ owner, held_until: until(leaseSeconds) }).where('name', '=', name)
      .where((where) => where.or([where('owner', 'is', null), where('owner', '=', owner), where('held_until', '<', clock())]))
      .returning('name').executeTakeFirst()
    return row !== undefined
  }

  const claimJob = async (job: Job): Promise<boolean> => {
    await db.insertInto('platform_jobs').values({ name: job.name, owner: null, held_until: null, last_run_at: null })
      .onConflict((conflict) => conflict.column('name').doNothing()).execute()
    const now = clock()
    const due = new Date(now.getTime() - job.everySeconds * 1000)
    const row = await db.updateTable('platform_jobs').set({ owner, held_until: until(Math.max(leaseSeconds, 60)) }).where('name', '=', job.name)
      .where((where) => where.or([where('held_until', 'is', null), where('held_until', '<', now)]))
      .where((where) => where.or([where('last_run_at', 'is', null), where('last_run_at', '<=', due)]))
      .returning('name').executeTakeFirst()
    return row !== undefined
  }

  const runJob = async (job: Job): Promise<void> => {
    try {
      if (!await claimJob(job)) return
      const startedAt = clock()
      try {
        await job.run(startedAt)
        metrics.jobRuns.inc({ job: job.name, outcome: 'done' })
      } finally {
        await db.updateTable('platform_jobs').set({ held_until: null, owner: null, last_run_at: startedAt }).where('name', '=', job.name).where('owner', '=', owner).execute()
      }
    } catch (error) {
      metrics.jobRuns.inc({ job: job.name, outcome: 'failed' })
      logger.warn({ err: error, job: job.name }, 'a job failed and will run again')
    }
  }

  const keepDuty = async (duty: Duty): Promise<void> => {
    try {
      const mine = await claimDuty(duty.name)
      if (stopped) return
      if (mine && !holding.has(duty.name)) {
        holding.add(duty.name)
        await duty.start()
      } else if (!mine && holding.delete(duty.name)) {
        await duty.stop()
      }
    } catch (error) {
      logger.warn({ err: error, job: duty.name }, 'a duty could not be claimed or started')
    }
  }

  const track = (work: Promise<void>): void => {
    running.add(work)
    void work.finally(() => running.delete(work))
  }

  const every = (milliseconds: number, work: () => Promise<void>): void => {
    let busy = false
    const tick = (): void => {
      if (busy || stopped) return
      busy = true
      track(work().finally(() => { busy = false }))
    }
    timers.push(setInterval(tick, milliseconds))
  }

  return {
    held: () => [...holding],
    start: () => detach(async () => {
      for (const duty of duties) {
        await keepDuty(duty)
        every(leaseSeconds * 1000 / 3, () => keepDuty(duty))
      }
      for (const job of jobs) every(Math.min(job.everySeconds * 1000, 60_000), () => runJob(job))
    }),
    async stop() {
      stopped = true
      for (const timer of timers) clearInterval(timer)
      await Promise.allSettled(running)
      for (const duty of duties) if (holding.delete(duty.name)) await duty.stop()
      // Another process may go on at once. The database may be gone by now; then the lease runs out by itself.
      await db.updateTable('platform_jobs').set({ owner: null, held_until: null }).where('owner', '=', owner).execute().catch(() => undefined)
    },
  }
}
