import { didJwkOf } from '../../agent/formats/jwk.ts'
import { webCryptoSuite } from '../../agent/formats/crypto-suite.ts'
import { createKeyProof } from '../../agent/protocols/key-proof.ts'
import { createKey, type TestKey } from '../agent/protocols/support.ts'
import type { TestCity } from './city.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

const GRANT = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

const read = async (response: Response): Promise<Answer> => {
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) as Record<string, unknown> }
}

/** The requests of a wallet, one by one and as they stand on the wire. */
export const createWire = ({ url, now }: Pick<TestCity, 'url' | 'now'>) => {
  const post = async (path: string, body: string, headers: Record<string, string>) =>
    await read(await fetch(`${url}${path}`, { method: 'POST', body, headers }))
  const json = (token: string | undefined) => ({ 'content-type': 'Application/JSON; charset=utf-8', ...(token !== undefined && { authorization: `bearer ${token}` }) })
  const wire = {
    get: async (path: string) => await read(await fetch(`${url}${path}`)),
    token: (form: Record<string, string>) => post('/oid4vci/token', new URLSearchParams({ grant_type: GRANT, ...form }).toString(), { 'content-type': 'application/x-www-form-urlencoded' }),
    nonce: async () => String((await post('/oid4vci/nonce', '', {})).body['c_nonce']),
    credential: (token: string | undefined, body: unknown) => post('/oid4vci/credential', JSON.stringify(body), json(token)),
    notification: (token: string | undefined, body: unknown) => post('/oid4vci/notification', JSON.stringify(body), json(token)),
    proofs: (keys: readonly TestKey[], nonce: string) => Promise.all(keys.map(({ publicJwk, sign }) =>
      createKeyProof({ audience: url, nonce, publicJwk, sign, issuedAtSeconds: now() }))),
    /** The codes of an offer as staff gets it. */
    async codes(offer: Record<string, unknown>) {
      const object = (await wire.get(`/oid4vci/offers/${String(offer['offer_id'])}`)).body as { grants: Record<string, { 'pre-authorized_code': string }> }
      return { 'pre-authorized_code': object.grants[GRANT]?.['pre-authorized_code'] ?? '', tx_code: String(offer['tx_code']) }
    },
    async accessToken(offer: Record<string, unknown>) {
      return String((await wire.token(await wire.codes(offer))).body['access_token'])
    },
    async request(token: string, keys: readonly TestKey[], configuration = 'city_card_sd_jwt') {
      return await wire.credential(token, { credential_configuration_id: configuration, proofs: { jwt: await wire.proofs(keys, await wire.nonce()) } })
    },
  }
  return wire
}

export const keysOf = (count: number): TestKey[] => Array.from({ length: count }, createKey)

export const credentialsOf = ({ body }: Answer): string[] => (body['credentials'] as { credential: string }[]).map(({ credential }) => credential)

/** Enrols somebody and hands them a card. */
export const issueCard = async (city: TestCity, keys = keysOf(2), names?: Parameters<TestCity['enrol']>[0]) => {
  const residentId = await city.enrol(names)
  const offer = (await city.staff('POST', `/v1/residents/${residentId}/offers`)).body
  const wire = createWire(city)
  const token = await wire.accessToken(offer)
  const credentials = credentialsOf(await wire.request(token, keys))
  const cards = (await city.issuance.cards.listCards([residentId])).get(residentId) ?? []
  const cardId = cards[0]?.cardId ?? ''
  return { residentId, cardId, credentials, keys, token, offer }
}

/** What a status list reference in a credential says. */
export const statusOf = (credential: string): { idx: number; uri: string } => {
  const payload = JSON.parse(Buffer.from(credential.split('.')[1] ?? '', 'base64url').toString()) as { status?: { status_list: never }, vc?: { status: { status_list: never } } }
  return payload.status?.status_list ?? payload.vc?.status.status_list as never
}

export { didJwkOf, webCryptoSuite }
