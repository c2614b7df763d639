import type { DIDDocument } from 'did-resolver'
import type { PublicJwk } from '../keys/key-store.ts'

const CONTEXT = ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1']

/**
 * The did:web of a city by its public URL: `http://localhost:4800` is `did:web:localhost%3A4800`.
 * @see https://w3c-ccg.github.io/did-method-web/#method-specific-identifier
 */
export function didWebOf(publicUrl: string): string {
  const { host, pathname } = new URL(publicUrl)
  const path = pathname.split('/').filter((part) => part !== '').map((part) => `:${part}`).join('')
  return `did:web:${encodeURIComponent(host)}${path}`
}

export interface DidDocumentKey {
  /** Thumbprint; the fragment of the key's URL. */
  readonly kid: string
  readonly publicJwk: PublicJwk
}

/**
 * The document of a city's DID, for `/.well-known/did.json`. A key in it counts only when the chain accredits its
 * thumbprint.
 * @see https://www.w3.org/TR/did-core/#verification-methods
 */
export function createDidDocument(options: { readonly did: string, readonly publicUrl?: string, readonly keys: readonly DidDocumentKey[] }): DIDDocument {
  const { did, publicUrl, keys } = options
  const references = keys.map(({ kid }) => `${did}#${kid}`)
  return {
    '@context': CONTEXT,
    id: did,
    verificationMethod: keys.map(({ kid, publicJwk }) => ({
      id: `${did}#${kid}`,
      type: 'JsonWebKey2020',
      controller: did,
      publicKeyJwk: publicJwk as unknown as Record<string, unknown>,
    })) as NonNullable<DIDDocument['verificationMethod']>,
    authentication: references,
    assertionMethod: references,
    ...(publicUrl !== undefined && {
      service: [{ id: `${did}#city`, type: 'LinkedDomains', serviceEndpoint: publicUrl }],
    }),
  }
}
