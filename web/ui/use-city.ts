import { api } from './api-client.ts'
import { useRequest } from './use-request.ts'
import type { RequestState } from './use-request.ts'

/** The city that serves the page, as `GET /v1/city` says. */
export interface City {
  readonly locode: string
  readonly name: string
  readonly did: string
  readonly public_url: string
  readonly chain_id: number
  readonly env: 'demo' | 'production' | 'test'
}

const storageKey = 'symbolon-city'

/** The city the page belongs to. The last answer is remembered, so that an app opened offline still has its name. */
export function useCity(): RequestState<City> {
  const request = useRequest('city', async (signal) => {
    const city = await api.get<City>('/v1/city', { signal })
    localStorage.setItem(storageKey, JSON.stringify(city))
    return city
  })
  return request.data === undefined ? { ...request, data: readRemembered() } : request
}

function readRemembered(): City | undefined {
  const text = localStorage.getItem(storageKey)
  return text === null ? undefined : (JSON.parse(text) as City)
}
