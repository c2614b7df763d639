import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import pino, { type DestinationStream, type Logger } from 'pino'
import { pinoHttp } from 'pino-http'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { SymbolonError } from '../../agent/errors.ts'

export type { Logger }

const redactedPaths = [
  'password', 'token', 'secret', 'authorization', 'cookie', 'given_name', 'family_name', 'birth_date', 'portrait', 'tx_code', 'presentation',
].flatMap((field) => [field, `*.${field}`, `*.*.${field}`])

/** The log: JSON lines without personal data. URLs, headers and bodies never go in; errors go in without foreign messages. */
export function createLogger(options: { readonly level: string; readonly locode: string }, destination?: DestinationStream): Logger {
  return pino({
    level: options.level,
    base: { city: options.locode },
    redact: { paths: redactedPaths, censor: '[redacted]' },
    serializers: { err: describeError, error: describeError },
  }, destination ?? pino.destination({ dest: 1, sync: false }))
}

/** Names an error for the log. Messages of errors that are not ours may quote values, so only their place is kept. */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { name: typeof error }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 12).map((line) => line.trim())
  const code = (error as { code?: unknown }).code
  return {
    name: error.name,
    ...(typeof code === 'string' && /^[A-Z0-9_]{3,60}$/.test(code) ? { code } : {}),
    ...(error instanceof SymbolonError ? { message: error.message } : {}),
    frames,
    ...(error.cause instanceof Error && depth < 4 ? { cause: describeError(error.cause, depth + 1) } : {}),
  }
}

/** One line for each request: method, route template, status, time. A path may hold an order or offer, so it stays out. */
export function logRequests(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: (request, response) => {
      const given = request.headers['x-request-id']
      const id = typeof given === 'string' && /^[A-Za-z0-9-]{8,64}$/.test(given) ? given : randomUUID()
      response.setHeader('x-request-id', id)
      return id
    },
    quietReqLogger: true,
    // Ours read the request and the error themselves, not what standard serializers make of them.
    wrapSerializers: false,
    serializers: {
      req: (request: { id: string; method: string }) => ({ id: request.id, method: request.method }),
      res: (response: { statusCode: number }) => ({ status: response.statusCode }),
      err: (error: unknown) => describeError(error),
    },
    customProps: (_request, response) => {
      const { route, problem } = (response as unknown as { locals?: { route?: string; problem?: string } }).locals ?? {}
      return { route: route ?? 'unmatched', ...(problem === undefined ? {} : { problem }) }
    },
    customLogLevel: (_request, response, error) => (error !== undefined || response.statusCode >= 500 ? 'error' : 'info'),
    autoLogging: { ignore: (request) => /^\/(health\/|metrics$|assets\/)/.test(request.url ?? '') },
  }) as RequestHandler
}

export interface Metrics {
  readonly registry: Registry
  readonly requests: RequestHandler
  readonly cardsIssued: Counter
  readonly verifications: Counter<'outcome'>
  readonly notesSigned: Counter
  readonly payments: Counter<'outcome'>
  readonly jobRuns: Counter<'job' | 'outcome'>
  gauge(name: string, help: string, read: () => Promise<number>): void
}

/** Prometheus metrics of one city service. Labels are route templates and closed sets of words. */
export function createMetrics(locode: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ city: locode })
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const durations = new Histogram({
    name: 'symbolon_http_request_seconds', help: 'Time to answer, by route template', labelNames: ['method', 'route', 'status'], registers,
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  })
  return {
    registry,
    requests: (request, response, next) => {
      const stop = durations.startTimer()
      response.once('finish', () => {
        stop({ method: request.method, route: String(response.locals.route ?? 'unmatched'), status: response.statusCode })
      })
      next()
    },
    cardsIssued: new Counter({ name: 'symbolon_cards_issued_total', help: 'Credentials handed to wallets', registers }),
    verifications: new Counter({ name: 'symbolon_verifications_total', help: 'Decisions on presentations', labelNames: ['outcome'], registers }),
    notesSigned: new Counter({ name: 'symbolon_notes_signed_total', help: 'Notes signed blindly', registers }),
    payments: new Counter({ name: 'symbolon_payments_total', help: 'Payments offered', labelNames: ['outcome'], registers }),
    jobRuns: new Counter({ name: 'symbolon_job_runs_total', help: 'Runs of background jobs', labelNames: ['job', 'outcome'], registers }),
    gauge: (name, help, read) => {
      const gauge: Gauge = new Gauge({
        name, help, registers,
        async collect() {
          try {
            gauge.set(await read())
          } catch {
            gauge.set(Number.NaN)
          }
        },
      })
    },
  }
}
