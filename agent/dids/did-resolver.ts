import { ECDH } from 'node:crypto'
import { Resolver, type DIDDocument, type DIDResolutionResult, type ParsedDID, type Resolvable } from 'did-resolver'
import { computeAddress, decodeBase58, toBeArray } from 'ethers'
import { getResolver as getEthrResolver, verificationMethodTypes } from 'ethr-did-resolver'
import { getResolver as getWebResolver } from 'web-did-resolver'
import { decodeJsonObject } from '../formats/base64url.ts'
import type { PublicJwk } from '../keys/key-store.ts'
import { createDidDocument } from './did-document.ts'

const ETHR_CONTEXT = [
  'https://www.w3.org/ns/did/v1',
  'https://w3id.org/security/suites/secp256k1recovery-2020/v2',
  'https://w3id.org/security/v3-unstable',
]

export interface CreateDidResolverOptions {
  /**
   * Documents that are known here: the city's own, and those of member cities made from the chain. What it knows is
   * never asked of the network.
   */
  readonly findDocument: (did: string) => Promise<DIDDocument | undefined>
  /** The chain of did:ethr. Without a registry (ERC-1056) nobody can have changed anything: each identifier is its own key. */
  readonly ethr?: { readonly chainId: number, readonly rpcUrl: string, readonly registry?: string }
  /** Whether a did:web that is not known here may be fetched; not unless told. */
  readonly fetchUnknownWeb?: boolean
}

/**
 * Resolves did:web, did:ethr, did:key and did:jwk. Failures are told as DID Core says, never thrown.
 * @see https://www.w3.org/TR/did-core/#did-resolution
 */
export function createDidResolver(options: CreateDidResolverOptions): Resolvable {
  const web = options.fetchUnknownWeb === true ? getWebResolver()['web'] : undefined
  return new Resolver({
    web: async (did, parsed, resolver, resolutionOptions) => {
      const document = await options.findDocument(parsed.did)
      if (document !== undefined) return found(document)
      return web === undefined ? failure('notFound') : web(did, parsed, resolver, resolutionOptions)
    },
    key: async (_did, parsed) => resolveDidKey(parsed),
    jwk: async (_did, parsed) => resolveDidJwk(parsed),
    ...ethrResolver(options.ethr),
  })
}

/** @see https://github.com/decentralized-identity/ethr-did-resolver/blob/master/doc/did-method-spec.md */
function ethrResolver(ethr: CreateDidResolverOptions['ethr']): ReturnType<typeof getEthrResolver> {
  if (ethr === undefined) return {}
  const { chainId, rpcUrl, registry } = ethr
  const network = { chainId: BigInt(chainId), rpcUrl }
  if (registry !== undefined) return getEthrResolver({ networks: [{ ...network, registry }] })
  return {
    ethr: async (_did, parsed) => {
      const [, hexChain, identifier] = /^(?:(0x[0-9a-fA-F]+):)?(0x[0-9a-fA-F]{40}|0x[0-9a-fA-F]{66})$/.exec(parsed.id) ?? []
      if (identifier === undefined) return failure('invalidDid')
      if (hexChain === undefined || BigInt(hexChain) !== BigInt(chainId)) return failure('notFound')
      return found(documentWithoutRegistry(parsed.did, identifier, chainId))
    },
  }
}

/**
 * The document of an identifier that no event speaks of, written as the resolver of ERC-1056 writes it; that one asks
 * the registry first and so cannot do without.
 */
function documentWithoutRegistry(did: string, identifier: string, chainId: number): DIDDocument {
  const publicKey = identifier.length === 68 ? identifier : undefined
  const address = publicKey === undefined ? identifier : computeAddress(publicKey)
  const controller = {
    id: `${did}#controller`,
    type: verificationMethodTypes.EcdsaSecp256k1RecoveryMethod2020,
    controller: did,
    blockchainAccountId: `eip155:${chainId}:${address}`,
  }
  const methods = publicKey === undefined ? [controller] : [controller, {
    id: `${did}#controllerKey`,
    type: verificationMethodTypes.EcdsaSecp256k1VerificationKey2019,
    controller: did,
    publicKeyHex: publicKey.slice(2),
  }]
  return {
    '@context': ETHR_CONTEXT,
    id: did,
    verificationMethod: methods,
    authentication: methods.map(({ id }) => id),
    assertionMethod: methods.map(({ id }) => id),
  }
}

/** Multicodec prefixes (unsigned varint) of the keys we know. */
const DID_KEY_CODECS: ReadonlyArray<{ prefix: readonly number[], read: (bytes: Buffer) => PublicJwk }> = [
  { prefix: [0x80, 0x24], read: (bytes) => readPoint(bytes, 'prime256v1', 'P-256') },
  { prefix: [0xe7, 0x01], read: (bytes) => readPoint(bytes, 'secp256k1', 'secp256k1') },
  { prefix: [0xed, 0x01], read: readEd25519 },
]

/** @see https://w3c-ccg.github.io/did-key-spec/#did-to-document */
function resolveDidKey({ did, id }: ParsedDID): DIDResolutionResult {
  try {
    if (!id.startsWith('z')) return failure('invalidDid')
    const bytes = Buffer.from(toBeArray(decodeBase58(id.slice(1))))
    const codec = DID_KEY_CODECS.find(({ prefix }) => prefix.every((byte, i) => bytes[i] === byte))
    if (codec === undefined) return failure('notFound')
    return found(createDidDocument({ did, keys: [{ kid: id, publicJwk: codec.read(bytes.subarray(2)) }] }))
  } catch {
    return failure('invalidDid')
  }
}

/** @see https://github.com/quartzjer/did-jwk/blob/main/spec.md */
function resolveDidJwk({ did, id }: ParsedDID): DIDResolutionResult {
  try {
    const { d, ...publicJwk } = decodeJsonObject(id)
    if (d !== undefined || typeof publicJwk['kty'] !== 'string') return failure('invalidDid')
    return found(createDidDocument({ did, keys: [{ kid: '0', publicJwk: publicJwk as unknown as PublicJwk }] }))
  } catch {
    return failure('invalidDid')
  }
}

function readPoint(bytes: Buffer, curve: string, crv: 'P-256' | 'secp256k1'): PublicJwk {
  if (bytes.length !== 33) throw new RangeError('not a compressed point')
  const point = ECDH.convertKey(bytes, curve, undefined, undefined, 'uncompressed') as Buffer
  return { kty: 'EC', crv, x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }
}

function readEd25519(bytes: Buffer): PublicJwk {
  if (bytes.length !== 32) throw new RangeError('not an Ed25519 key')
  return { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }
}

function found(didDocument: DIDDocument): DIDResolutionResult {
  return { didDocument, didDocumentMetadata: {}, didResolutionMetadata: { contentType: 'application/did+ld+json' } }
}

function failure(error: 'notFound' | 'invalidDid'): DIDResolutionResult {
  return { didDocument: null, didDocumentMetadata: {}, didResolutionMetadata: { error } }
}
