import { deskApi } from '../ui/desk/desk-api.ts'
import { listOf } from '../ui/desk/list-of.ts'
import { useCity } from '../ui/use-city.ts'
import { useRequest } from '../ui/use-request.ts'
import type { City } from './wire.ts'

/** The member cities, this one first; only this one until the others are known. */
export function useMemberCities(): readonly City[] {
  const own = useCity().data
  const trust = useRequest('trust', (signal) => deskApi.get<unknown>('/v1/trust', { signal }))
  const listed = listOf<City>(trust.data, 'cities')
  const others = listed.filter((city) => city.locode !== own?.locode && city.status !== 'removed')
  return own === undefined ? others : [{ ...listed.find((city) => city.locode === own.locode), locode: own.locode, name: own.name }, ...others]
}
