import { createHash, createPublicKey, verify, X509Certificate, type JsonWebKey } from 'node:crypto'
import type { Comparison } from './compare.ts'
import type { Ledger } from './ledger.ts'
import { keyOf, membersOf, standingAt, type Standing } from './record.ts'

/** An answer as it came, with what was asked: all that its signature is about. */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly digest: string
}

/** Whose signature it is, by the chain. */
export interface Signer {
  readonly did: string
  readonly locode: string
  readonly standing: Standing
}

const algorithm = { dsaEncoding: 'ieee-p1363' } as const

/** Which key of which city signed: found on the chain, by the URL that names it. */
export class Signers {
  readonly #keys = new Map<string, { readonly jwk: JsonWebKey; readonly signer: Signer }>()

  constructor(ledger: Ledger, second: number) {
    for (const member of membersOf(ledger)) {
      for (const key of member.keys) {
        const { thumbprint, jwk } = keyOf(key)
        const name = `${member.city.did}#${thumbprint}`
        const standing = standingAt(key, member, second)
        const known = this.#keys.get(name)?.signer.standing
        // Accredited for several types, it counts for the best of them.
        if (known === 'granted') continue
        this.#keys.set(name, { jwk, signer: { did: member.city.did, locode: member.city.city, standing } })
      }
    }
  }

  find(keyId: string): Signer | undefined {
    return this.#keys.get(keyId)?.signer
  }

  verify(keyId: string, text: string, signature: Buffer): boolean {
    const jwk = this.#keys.get(keyId)?.jwk
    if (jwk === undefined || signature.length !== 64) return false
    try {
      return verify('sha256', Buffer.from(text), { key: createPublicKey({ key: jwk, format: 'jwk' }), ...algorithm }, signature)
    } catch {
      // Anybody can accredit a point that is not on the curve.
      return false
    }
  }
}

export function digestField(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
}

/** The key that an answer says it is signed with. */
export function keyIdOf({ headers }: Pick<Exchange, 'headers'>): string {
  return /;keyid="([^"]+)"/.exec(headers.get('signature-input') ?? '')?.[1] ?? ''
}

/**
 * What is wrong with the signature of an answer, in a few words; undefined when nothing is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9421#section-2.5
 */
export function faultOf({ method, url, status, headers, digest }: Exchange, signers: Signers): string | undefined {
  const [input, signature] = [headers.get('signature-input') ?? '', headers.get('signature') ?? '']
  const [, params = '', created = ''] = /^symbolon=(\("@status" "content-type" "content-digest" "@method";req "@path";req "@query";req\);created=(\d+);keyid="[^"]+";alg="ecdsa-p256-sha256";tag="symbolon-registry")$/.exec(input) ?? []
  if (params === '' || signature === '') return 'is not signed'
  const keyId = keyIdOf({ headers })
  const { standing } = signers.find(keyId) ?? {}
  if (standing === undefined) return `is signed with ${keyId}, which is no key of a city on the chain`
  if (standing !== 'granted' && standing !== 'suspended') return `is signed with ${keyId}, which does not count: ${standing}`
  if (headers.get('content-digest') !== digest) return 'has another digest than was signed'
  const { pathname, search } = new URL(url)
  const base = [
    `"@status": ${status}`, `"content-type": ${headers.get('content-type') ?? ''}`, `"content-digest": ${digest}`,
    `"@method";req: ${method}`, `"@path";req: ${pathname}`, `"@query";req: ${search === '' ? '?' : search}`, `"@signature-params": ${params}`,
  ].join('\n')
  if (!signers.verify(keyId, base, Buffer.from(/^symbolon=:([^:]+):$/.exec(signature)?.[1] ?? '', 'base64'))) return 'has a signature of something else'
  const age = Date.parse(headers.get('date') ?? '') / 1000 - Number(created)
  return age > 600 || age < -300 ? 'was not signed when it was given' : undefined
}

/** Every signed answer that was read on the way. What is wrong with many of them is said once. */
export function checkSignatures(exchanges: readonly Exchange[], signers: Signers): Comparison {
  const faults = new Map<string, string[]>()
  for (const exchange of exchanges) {
    const fault = faultOf(exchange, signers)
    const { pathname, search } = new URL(exchange.url)
    if (fault !== undefined) faults.set(fault, [...(faults.get(fault) ?? []), `${exchange.method} ${pathname}${search}`])
  }
  const differences = [...faults].map(([fault, [first = '', ...others]]) => `signatures: ${first}${others.length === 0 ? '' : `, like ${others.length} more,`} ${fault}`)
  return { rows: exchanges.length, cells: exchanges.length, differences }
}

export interface ReadJws {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: unknown
  /** What is wrong with it; undefined when it is signed by a key that a city has or had on the chain. */
  readonly fault: string | undefined
}

/** Takes a compact JWS apart, and verifies it with the key that the chain has under its `kid`; RFC 7515 §5.2. */
export function readJws(token: unknown, signers: Signers): ReadJws {
  const [head = '', body = '', signature = ''] = String(token).split('.')
  const parse = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString())
  try {
    const header = parse(head) as Record<string, unknown>
    const isSigned = header['alg'] === 'ES256' && signers.verify(String(header['kid']), `${head}.${body}`, Buffer.from(signature, 'base64url'))
    return { header, payload: parse(body), fault: isSigned ? undefined : 'is not signed by a key that the chain knows' }
  } catch {
    return { header: {}, payload: undefined, fault: 'is no signed document' }
  }
}

/** Whether the certificate of a list is of the key that signed it, and named by its digest. */
export function isCertified({ header }: ReadJws, signers: Signers): boolean {
  const [certificate] = Array.isArray(header['x5c']) ? header['x5c'] as unknown[] : []
  if (typeof certificate !== 'string') return false
  const der = Buffer.from(certificate, 'base64')
  if (createHash('sha256').update(der).digest('base64url') !== header['x5t#S256']) return false
  try {
    const { x, y } = new X509Certificate(der).publicKey.export({ format: 'jwk' })
    return signers.find(String(header['kid'])) !== undefined && String(header['kid']).endsWith(`#${thumbprintOf(String(x), String(y))}`)
  } catch {
    return false
  }
}

/** RFC 7638 */
function thumbprintOf(x: string, y: string): string {
  return createHash('sha256').update(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`).digest('base64url')
}
