import { createApiClient } from '../../ui/api-client.ts'
import type { ApiClient } from '../../ui/api-client.ts'
import type { FederationRecord } from '../vault/records.ts'
import type { Vault } from '../vault/vault.ts'

const freshForMs = 24 * 3600 * 1000

interface WireTrust {
  readonly cities: readonly { readonly locode: string; readonly name: string; readonly service_url: string; readonly status: string }[]
}

/**
 * Renews the list of member cities from the card's own city, at most once a day and never when a card is shown: the city
 * must not learn when that happens.
 */
export async function renewFederation(issuer: string, { vault, now = Date.now, clientFor = (origin) => createApiClient({ origin }) }: {
  vault: Vault
  now?: () => number
  clientFor?: (origin: string) => ApiClient
}): Promise<void> {
  const known = await vault.find('federation', issuer)
  if (known !== undefined && now() - Date.parse(known.fetchedAt) < freshForMs) return
  const { cities } = await clientFor(issuer).get<WireTrust>('/v1/trust')
  const record: FederationRecord = {
    id: issuer, fetchedAt: new Date(now()).toISOString(),
    cities: cities.filter(({ status, service_url: url }) => status === 'active' && URL.canParse(url))
      .map(({ locode, name, service_url: url }) => ({ locode, name, origin: new URL(url).origin })),
  }
  await vault.commit([{ kind: 'federation', put: record }])
}

/** The member city whose service lives at an origin, if any of the cities whose cards are here knows it as one. */
export function findMemberCity(origin: string, federations: readonly FederationRecord[]): { locode: string; name: string } | undefined {
  return federations.flatMap(({ cities }) => cities).find((city) => city.origin === origin)
}
