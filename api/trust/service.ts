import { createHash } from 'node:crypto'
import { nativeCryptoSuite } from '../../agent/keys/crypto-suite-node.ts'
import { createListOfTrustedEntities } from '../../agent/trust-lists/lote.ts'
import type { ListOfTrustedEntities } from '../../agent/trust-lists/lote-types.ts'
import { signListOfTrustedEntities } from '../../agent/trust-lists/sign-lote.ts'
import type { TrustRegister } from '../../agent/trust-lists/trust-register.ts'
import { ChainError } from '../../chain/errors.ts'
import type { Moment, TrustHistory, TrustSnapshot } from '../../chain/history.ts'
import type { CityIdentity } from '../city/identity.ts'
import { ApiError } from '../platform/errors.ts'

export interface TrustServiceOptions {
  readonly history: TrustHistory
  readonly identity: Pick<CityIdentity, 'locode' | 'cityName' | 'publicUrl' | 'did' | 'issuerKid' | 'x5c' | 'authorityCertificate'>
  /** Signs a JWS signing input with a key of the city, ES256. */
  readonly sign: (kid: string, signingInput: string) => Promise<string>
  readonly clock: () => Date
}

/** A signed list as it is served. */
export interface ServedList {
  readonly token: string
  readonly etag: string
  readonly maxAgeSeconds: number
}

export type TrustService = ReturnType<typeof createTrustService>

export const listPath = '/trust-lists/city-card-issuers.jwt'
/** A list without news is signed anew this often, and is stale after the other. */
const renewSeconds = 3_600
const staleSeconds = 24 * 3_600
const keptPastLists = 32
const maxAgeSeconds = 300

/** What the federation agreed on, as of now or of a moment of the past, and the signed list of it. */
export function createTrustService({ history, identity, sign, clock }: TrustServiceOptions) {
  const listUrl = `${identity.publicUrl}${listPath}`
  let current: { readonly content: string; readonly issuedAtSeconds: number; readonly served: ServedList } | undefined
  const past = new Map<string, ServedList>()
  const nowSeconds = (): number => Math.floor(clock().getTime() / 1000)

  /** Reads one snapshot of the index; see `TrustHistory.read`. Nothing is signed in it. */
  async function look<Result>(work: (snapshot: TrustSnapshot) => Promise<Result>): Promise<Result> {
    try {
      return await history.read(work)
    } catch (error) {
      const isAway = error instanceof ChainError && !['ERR_CHAIN_BLOCK_AHEAD', 'ERR_CHAIN_BLOCK_TOO_EARLY'].includes(error.code)
      throw isAway ? new ApiError('ERR_CHAIN_UNAVAILABLE', undefined, { cause: error, headers: { 'retry-after': '2' } }) : error
    }
  }

  const read = async (moment?: Moment): Promise<TrustRegister> => await look(async ({ at }) => await at(moment))

  function create(register: TrustRegister, issuedAtSeconds: number): ListOfTrustedEntities {
    return createListOfTrustedEntities(register, { operator: identity, listUrl, issuedAtSeconds, nextUpdateSeconds: issuedAtSeconds + staleSeconds })
  }

  async function serve(list: ListOfTrustedEntities): Promise<ServedList> {
    const token = await signListOfTrustedEntities(list, {
      kid: `${identity.did}#${identity.issuerKid}`, x5c: [...identity.x5c, identity.authorityCertificate], signedAtSeconds: nowSeconds(),
      crypto: nativeCryptoSuite, sign: async (input) => await sign(identity.issuerKid, input),
    })
    return { token, etag: `"${createHash('sha256').update(token).digest('base64url')}"`, maxAgeSeconds }
  }

  return {
    look,
    read,

    /** The signed list of now: the same one until something in it changes or an hour has passed. */
    async serveCurrent(): Promise<ServedList> {
      const register = await read()
      const content = contentOf(create(register, 0))
      const now = nowSeconds()
      if (current?.content === content && now >= current.issuedAtSeconds && now - current.issuedAtSeconds < renewSeconds) return current.served
      const served = await serve(create(register, now))
      current = { content, issuedAtSeconds: now, served }
      return served
    },

    /** The list as it would have been issued then: by now it is stale, and cannot be passed off as that of today. */
    async serveAt(moment: Moment): Promise<ServedList> {
      const register = await read(moment)
      const key = `${register.block.hash} ${register.atSeconds}`
      const known = past.get(key)
      if (known !== undefined) return known
      const served = await serve(create(register, register.atSeconds))
      past.set(key, served)
      const [oldest] = past.keys()
      if (past.size > keptPastLists && oldest !== undefined) past.delete(oldest)
      return served
    },
  }
}

/** All of a list but what changes with every block. */
function contentOf({ LoTE: { ListAndSchemeInformation: scheme, TrustedEntitiesList: entities } }: ListOfTrustedEntities): string {
  return JSON.stringify([entities, scheme.SchemeExtensions.map((extension) => extension['Recognitions'])])
}
