import { randomUUID } from 'node:crypto'
import type { Db } from './database.ts'
import type { Logger, Metrics } from './telemetry.ts'
import { detach } from './transaction.ts'

export interface Job {
  readonly name: string
  readonly everySeconds: number
  run(now: Date): Promise<void>
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
  start(): void
  stop(): Promise<void>
}

/** Runs jobs, each claimed in the database, so that any number of processes may share them. */
export function createJobRunner(jobs: readonly Job[], options: JobsOptions): JobRunner {
  const { db, clock, logger, metrics } = options
  const leaseSeconds = options.leaseSeconds ?? 5
  const owner = randomUUID()
  const running = new Set<Promise<void>>()
  const timers: NodeJS.Timeout[] = []
  const known = new Set<string>()
  let stopped = false

  const until = (seconds: number): Date => new Date(clock().getTime() + seconds * 1000)

  const claimJob = async (job: Job): Promise<boolean> => {
    if (!known.has(job.name)) await db.insertInto('platform_jobs').values({ name: job.name, owner: null, held_until: null, last_run_at: null })
      .onConflict((conflict) => conflict.column('name').doNothing()).execute()
    known.add(job.name)
    const now = clock()
    const due = new Date(now.getTime() - job.everySeconds * 1000)
    const row = await db.updateTable('platform_jobs').set({ owner, held_until: until(leaseSeconds) }).where('name', '=', job.name)
      .where((where) => where.or([where('held_until', 'is', null), where('held_until', '<', now)]))
      .where((where) => where.or([where('last_run_at', 'is', null), where('last_run_at', '<=', due)]))
      .returning('name').executeTakeFirst()
    return row !== undefined
  }

  const renew = async (job: Job): Promise<void> => {
    await db.updateTable('platform_jobs').set({ held_until: until(leaseSeconds) }).where('name', '=', job.name).where('owner', '=', owner).execute()
      .catch((error: unknown) => logger.warn({ err: error, job: job.name }, 'a claim could not be prolonged'))
  }

  const runJob = async (job: Job): Promise<void> => {
    try {
      if (!await claimJob(job)) return
      const startedAt = clock()
      // A claim is short, so that the work of a process that died is soon taken over, and prolonged while the job runs.
      const renewal = setInterval(() => track(renew(job)), leaseSeconds * 400)
      try {
        await job.run(startedAt)
        metrics.jobRuns.inc({ job: job.name, outcome: 'done' })
      } finally {
        clearInterval(renewal)
        await db.updateTable('platform_jobs').set({ held_until: null, owner: null, last_run_at: startedAt }).where('name', '=', job.name).where('owner', '=', owner).execute()
      }
    } catch (error) {
      metrics.jobRuns.inc({ job: job.name, outcome: 'failed' })
      logger.warn({ err: error, job: job.name }, 'a job failed and will run again')
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
    start: () => detach(() => {
      // Looking more often than a job is due keeps its cadence, whoever ran it last.
      for (const job of jobs) every(Math.min(Math.max(job.everySeconds * 200, 200), 10_000), () => runJob(job))
    }),
    async stop() {
      stopped = true
      for (const timer of timers) clearInterval(timer)
      await Promise.allSettled(running)
      // Another process may go on at once. The database may be gone by now; then the lease runs out by itself.
      await db.updateTable('platform_jobs').set({ owner: null, held_until: null }).where('owner', '=', owner).execute().catch(() => undefined)
    },
  }
}
