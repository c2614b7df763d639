import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { openCity } from '../city/open-city.ts'
import { ConfigError, parseConfig, type CityConfig } from '../platform/config.ts'

/*
 * Makes, in the city's own key store, the key that is to act for the city next, and prints it as one line of JSON:
 * {"locode","controller","next_controller"}; run again, prints the same. For a city whose service cannot offer control itself, for its
 * key is lost: the recovery account offers control to next_controller, and officers take over in the staff app. Needs no chain.
 */
try {
  const config = parseConfig(process.env)
  await requireAlone(config)
  const { db, control } = await openCity(config, () => new Date())
  const { current, next } = await control.read()
  const key = next ?? await control.createKey(randomUUID())
  if (next === undefined) await control.offer(key)
  process.stdout.write(`${JSON.stringify({ locode: config.locode, controller: current.address, next_controller: key.address })}\n`)
  await db.destroy()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The key could not be made.'}\n`)
  process.exitCode = 1
}

/** The embedded database breaks when two programs have it open. */
async function requireAlone({ database, host, port }: CityConfig): Promise<void> {
  if (database.kind !== 'pglite' || port === 0) return
  const isServed = await new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 }, () => done(true)).once('error', () => done(false)).once('timeout', () => done(false))
    const done = (outcome: boolean): void => {
      socket.destroy()
      resolve(outcome)
    }
  })
  if (isServed) throw new ConfigError('ERR_CONFIG_INVALID', `The city’s service runs on port ${port}: stop it first, for the embedded database can be open in one program only.`)
}
