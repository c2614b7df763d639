import type { DIDDocument, Service } from 'did-resolver'
import type { PublicJwk } from '../keys/key-store.ts'

const CONTEXT = ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1']
/** Defines `LinkedDomains` and the Domain Linkage Credential. */
export const DID_CONFIGURATION_CONTEXT = 'https://identity.foundation/.well-known/did-configuration/v1'
const LINKED_DOMAINS = 'LinkedDomains'

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
 * The service of a DID document that names the origin where a DID Configuration links back.
 * @see https://identity.foundation/.well-known/resources/did-configuration/#linked-domain-service-endpoint
 */
export function linkedDomainsOf(did: string, publicUrl: string): Service {
  return { id: `${did}#city`, type: LINKED_DOMAINS, serviceEndpoint: new URL(publicUrl).origin }
}

/**
 * The document of a city's DID, for `/.well-known/did.json`. A key in it counts only when the chain accredits its
 * thumbprint.
 * @see https://www.w3.org/TR/did-core/#verification-methods
 */
export function createDidDocument(options: { readonly did: string, readonly keys: readonly DidDocumentKey[], readonly services?: readonly Service[] }): DIDDocument {
  const { did, keys, services = [] } = options
  const references = keys.map(({ kid }) => `${did}#${kid}`)
  return {
    '@context': services.some(({ type }) => type === LINKED_DOMAINS) ? [...CONTEXT, DID_CONFIGURATION_CONTEXT] : CONTEXT,
    id: did,
    verificationMethod: keys.map(({ kid, publicJwk }) => ({
      id: `${did}#${kid}`,
      type: 'JsonWebKey2020',
      controller: did,
      publicKeyJwk: publicJwk as unknown as Record<string, unknown>,
    })) as NonNullable<DIDDocument['verificationMethod']>,
    authentication: references,
    assertionMethod: references,
    ...(services.length > 0 && { service: [...services] }),
  }
}
