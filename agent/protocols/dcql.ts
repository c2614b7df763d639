import { ProtocolError } from './errors.ts'
import { type DcqlCredentialQuery, type DcqlQuery, dcqlQuerySchema } from './vp-wire.ts'

export type ClaimsPath = readonly (string | number | null)[]

/** A credential the wallet holds, as far as a query looks at it. */
export interface HeldCredential {
  readonly format: string
  /** SD-JWT VC. */
  readonly vct?: string
  /** W3C credential: its `type`. */
  readonly types?: readonly string[]
  /** All claims, disclosed: of a W3C credential the whole credential, `credentialSubject` among its members. */
  readonly claims: Readonly<Record<string, unknown>>
}

export interface CredentialMatch<Held extends HeldCredential> {
  /** The id of the credential query. */
  readonly queryId: string
  readonly format: string
  /** Those that answer it, each with what to show of it. One is enough unless `multiple`. */
  readonly candidates: readonly { readonly credential: Held, readonly paths: readonly ClaimsPath[] }[]
  readonly multiple: boolean
  readonly holderBinding: boolean
}

export interface DcqlMatch<Held extends HeldCredential> {
  /** What to answer: each must be answered. */
  readonly required: readonly CredentialMatch<Held>[]
  /** What may be answered too, if the holder likes. */
  readonly optional: readonly CredentialMatch<Held>[]
}

/**
 * Reads a DCQL query and checks what a schema cannot: ids are unique and known, `claim_sets` goes with named claims.
 * @throws ProtocolError ERR_DCQL_INVALID
 * @see https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-6
 */
export const parseDcqlQuery = (value: unknown): DcqlQuery => {
  const { success, data } = dcqlQuerySchema.safeParse(value)
  if (!success || !isConsistent(data)) throw new ProtocolError('ERR_DCQL_INVALID', 'the dcql_query is not of the form OpenID4VP 1.0 gives it')
  return data
}

const isConsistent = ({ credentials, credential_sets: sets }: DcqlQuery): boolean => {
  const ids = credentials.map(({ id }) => id)
  const claimsAreConsistent = credentials.every(({ claims, claim_sets: claimSets }) => {
    const claimIds = (claims ?? []).flatMap(({ id }) => id ?? [])
    const unique = new Set(claimIds).size === claimIds.length
    return unique && (claimSets === undefined || claimSets.flat().every((id) => claimIds.includes(id)))
  })
  return claimsAreConsistent && new Set(ids).size === ids.length
    && (sets ?? []).every(({ options }) => options.flat().every((id) => ids.includes(id)))
}

/** A verifier's question: any of these cards, with these claims of the holder. */
export const createDcqlQuery = (
  { claims, vctValues, jwtVcTypes }:
  { claims: readonly string[], vctValues: readonly string[], jwtVcTypes?: readonly (readonly string[])[] }
): DcqlQuery => ({
  credentials: [
    {
      id: 'card', format: 'dc+sd-jwt', meta: { vct_values: [...vctValues] },
      ...(claims.length > 0 && { claims: claims.map((name) => ({ path: [name] })) })
    },
    ...(jwtVcTypes === undefined ? [] : [{
      id: 'card_w3c', format: 'jwt_vc_json', meta: { type_values: jwtVcTypes.map((types) => [...types]) },
      ...(claims.length > 0 && { claims: claims.map((name) => ({ path: ['credentialSubject', name] })) })
    }])
  ],
  ...(jwtVcTypes !== undefined && { credential_sets: [{ options: [['card'], ['card_w3c']] }] })
})

/**
 * Finds what the holder can answer a query with, and the least to show: the first set of claims that can be met.
 * @throws ProtocolError ERR_NO_MATCHING_CREDENTIAL
 * @see https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-6.4
 */
export const matchDcqlQuery = <Held extends HeldCredential>(query: DcqlQuery, held: readonly Held[]): DcqlMatch<Held> => {
  const matches = new Map(query.credentials.map((credentialQuery) => [credentialQuery.id, matchCredential(credentialQuery, held)]))
  const answerable = (id: string) => (matches.get(id)?.candidates.length ?? 0) > 0
  const chosen = { required: new Set<string>(), optional: new Set<string>() }
  const sets: NonNullable<DcqlQuery['credential_sets']> = query.credential_sets ?? query.credentials.map(({ id }) => ({ options: [[id]] }))
  for (const { options, required = true } of sets) {
    const option = options.find((ids) => ids.every(answerable))
    if (option === undefined && required) throw new ProtocolError('ERR_NO_MATCHING_CREDENTIAL', 'no card answers this request')
    for (const id of option ?? []) chosen[required ? 'required' : 'optional'].add(id)
  }
  const matchesOf = (ids: Iterable<string>) => [...ids].flatMap((id) => matches.get(id) ?? [])
  return { required: matchesOf(chosen.required), optional: matchesOf([...chosen.optional].filter((id) => !chosen.required.has(id))) }
}

const matchCredential = <Held extends HeldCredential>(query: DcqlCredentialQuery, held: readonly Held[]): CredentialMatch<Held> => ({
  queryId: query.id,
  format: query.format,
  multiple: query.multiple ?? false,
  holderBinding: query.require_cryptographic_holder_binding ?? true,
  candidates: held.flatMap((credential) => {
    const paths = matchesType(query, credential) ? selectClaims(query, credential.claims) : undefined
    return paths === undefined ? [] : [{ credential, paths }]
  })
})

/** Whether a credential is of the format and type a query asks for. */
export const matchesType = (query: DcqlCredentialQuery, { format, vct, types }: Omit<HeldCredential, 'claims'>): boolean => {
  if (query.format !== format) return false
  const { vct_values: vcts, type_values: typeSets } = query.meta ?? {}
  if (vcts !== undefined && (vct === undefined || !vcts.includes(vct))) return false
  return typeSets === undefined || typeSets.some((wanted) => wanted.every((type) => types?.some((own) => sameType(own, type)) === true))
}

/** A W3C type is asked for by its full IRI or, as our context leaves it, by its term. */
const sameType = (own: string, wanted: string): boolean => own === wanted || wanted.endsWith(`#${own}`)

/** What to show, or undefined when the query cannot be met. */
export const selectClaims = (
  { claims, claim_sets: claimSets }: DcqlCredentialQuery, data: Readonly<Record<string, unknown>>
): readonly ClaimsPath[] | undefined => {
  const met = (wanted: NonNullable<DcqlCredentialQuery['claims']>) => wanted.every(({ path, values }) => {
    const found = selectPath(data, path)
    return found.length > 0 && (values === undefined || found.some((value) => (values as unknown[]).includes(value)))
  })
  const all = claims ?? []
  const sets = claimSets?.map((ids) => ids.flatMap((id) => all.find((claim) => claim.id === id) ?? [])) ?? [all]
  return sets.find(met)?.map(({ path }) => path)
}

/**
 * Follows a claims path pointer; an empty list when nothing is there.
 * @see https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-7.1
 */
export const selectPath = (data: unknown, path: ClaimsPath): readonly unknown[] => path.reduce<unknown[]>((found, step) =>
  found.flatMap((value) => {
    if (step === null) return Array.isArray(value) ? value as unknown[] : []
    if (typeof step === 'number') return Array.isArray(value) && step < value.length ? [(value as unknown[])[step]] : []
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, step)
    return isObject ? [(value as Record<string, unknown>)[step]] : []
  }), [data])
