import { openCity } from '../city/open-city.ts'
import { parseConfig } from '../platform/config.ts'

/*
 * Prints who the city is, as one line of JSON, and makes its keys if they do not exist yet:
 * {"locode","did","controller","service_url","issuer_thumbprint"}. Needs no chain. The federation admits a city by this.
 */
try {
  const config = parseConfig(process.env)
  const { db, identity } = await openCity(config, () => new Date())
  process.stdout.write(`${JSON.stringify({
    locode: identity.locode, did: identity.did, controller: identity.controller, service_url: identity.publicUrl, issuer_thumbprint: identity.issuerThumbprint,
  })}\n`)
  await db.destroy()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The keys could not be made.'}\n`)
  process.exitCode = 1
}
