import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { SymbolonError } from '../agent/errors.ts'
import { createCityService, type CityService } from './app.ts'
import { parseConfig, type CityConfig } from './platform/config.ts'

/** sysexits.h, EX_CONFIG: starting again would not help. */
const EX_CONFIG = 78
const REQUESTS_END_MS = 10_000
const hopeless = new Set(['ERR_CONFIG_INVALID', 'ERR_CHAIN_DEPLOYMENT_INVALID', 'ERR_CHAIN_MISMATCH'])

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const service = await createCityService(config)
  const server = createServer(config, service)
  const { promise: asked, resolve: askToStop } = Promise.withResolvers<string>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => askToStop(signal))
  // A supervisor that is gone, however it went, takes its services with it.
  if (process.connected) process.on('disconnect', () => askToStop('disconnect'))
  process.on('unhandledRejection', (error) => service.logger.error({ err: error }, 'a rejection nobody handled'))
  await listen(server, config)
  service.logger.info({ port: config.port }, 'listening')
  try {
    await service.start()
    service.logger.info({ reason: await asked }, 'stopping')
  } finally {
    await stop(server, service)
  }
}

function createServer(config: CityConfig, service: CityService): Server {
  const { tls } = config
  const server = tls === undefined
    ? createHttpServer(service.app)
    : createHttpsServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile), minVersion: 'TLSv1.2' }, service.app)
  server.requestTimeout = 30_000
  server.headersTimeout = 10_000
  return server
}

async function listen(server: Server, config: CityConfig): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, resolve)
  })
}

/** Ends in order: no new requests, the running ones to their end, then jobs, outbox, index and the database. */
async function stop(server: Server, service: CityService): Promise<void> {
  service.beginShutdown()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), REQUESTS_END_MS)
  await closed
  clearTimeout(timer)
  await service.stop()
  service.logger.info('stopped')
}

try {
  await main()
  process.exit(0)
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`)
  process.exit(error instanceof SymbolonError && hopeless.has(error.code) ? EX_CONFIG : 1)
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'The service stopped for an unknown reason.'
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return 'The port is taken by another program.'
  const cause = error.cause instanceof Error ? ` (${error.cause.message.split('\n')[0] ?? ''})` : ''
  return `${error.message}${cause}`
}
