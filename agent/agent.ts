import { createAgent as createVeramoAgent } from '@veramo/core'
import type { ICredentialPlugin, IDIDManager, IKeyManager, IResolver, TAgent } from '@veramo/core-types'
import { CredentialPlugin } from '@veramo/credential-w3c'
import { DIDManager } from '@veramo/did-manager'
import { EthrDIDProvider } from '@veramo/did-provider-ethr'
import { WebDIDProvider } from '@veramo/did-provider-web'
import { DIDResolverPlugin } from '@veramo/did-resolver'
import { KeyManager } from '@veramo/key-manager'
import type { DIDDocument, Service } from 'did-resolver'
import { createDidDocument, didWebOf, linkedDomainsOf } from './dids/did-document.ts'
import { createDidResolver, type CreateDidResolverOptions } from './dids/did-resolver.ts'
import { VeramoDidStore, type DidStore } from './dids/did-store.ts'
import {
  createDomainLinkageCredential, verifyDomainLinkage, type CreateDomainLinkageOptions, type DomainLinkage, type VerifyDomainLinkageOptions,
} from './dids/domain-linkage.ts'
import { AgentError, SymbolonError } from './errors.ts'
import { issueJwtVc, type IssueJwtVcOptions } from './formats/jwt-vc.ts'
import type { KeyStore } from './keys/key-store.ts'
import { KMS_NAME, NativeKms } from './keys/native-kms.ts'
import { VeramoKeyStore } from './keys/veramo-key-store.ts'
import { NativeJwtProvider } from './plugins/native-jwt-provider.ts'
import {
  SdJwtVcPlugin, type CreateSdJwtVcArgs, type SdJwtVcPluginMethods, type VerifyCityCardArgs,
} from './plugins/sd-jwt-vc-plugin.ts'
import {
  StatusPlugin, type CreateBitstringStatusListArgs, type CreateStatusListTokenArgs, type StatusPluginMethods,
} from './plugins/status-plugin.ts'
import type { StatusSource, TrustSource } from './trust.ts'
import type { CardDecision } from './verification/verify-card.ts'

type VeramoMethods = IKeyManager & IDIDManager & IResolver & ICredentialPlugin & SdJwtVcPluginMethods & StatusPluginMethods

export interface CreateAgentOptions {
  readonly keyStore: KeyStore
  readonly didStore: DidStore
  /** 32 bytes that seal the private keys. */
  readonly keyEncryptionKey: Uint8Array
  readonly trustSource: TrustSource
  readonly statusSource: StatusSource
  /** Seconds since 1970. */
  readonly clock: () => number
  /** Our chain, for did:ethr. */
  readonly chain?: NonNullable<CreateDidResolverOptions['ethr']>
  /** Documents of other cities, made from the chain. The agent's own are found without it. */
  readonly findDocument?: CreateDidResolverOptions['findDocument']
  readonly fetchUnknownWeb?: boolean
}

/** What a city's service asks of its agent. Every failure is an `AgentError`. */
export interface CityAgent {
  /** Keys and signatures. */
  readonly keys: NativeKms
  /** Veramo itself, for what has no method here. */
  readonly veramo: TAgent<VeramoMethods>
  /** The city's did:web with its P-256 issuer key, linked to its origin; made at the first call, the same at each. */
  ensureCityDid(publicUrl: string): Promise<{ did: string, issuerKid: string }>
  /** A did:ethr for an account, a secp256k1 key that exists already. */
  ensureAccountDid(kid: string): Promise<{ did: string }>
  /** The document of a DID of this agent, with all its P-256 keys. */
  describeDid(did: string): Promise<DIDDocument>
  /** @throws AgentError `ERR_DID_UNRESOLVABLE` */
  resolveDid(did: string): Promise<DIDDocument>
  /** The DID says that an origin is its own. */
  createDomainLinkageCredential(args: CreateDomainLinkageOptions): Promise<string>
  /** @throws AgentError the codes of `agent/dids/domain-linkage.ts` */
  verifyDomainLinkage(args: Omit<VerifyDomainLinkageOptions, 'nowSeconds'>): Promise<DomainLinkage>
  createSdJwtVc(args: CreateSdJwtVcArgs): Promise<string>
  createJwtVc(args: IssueJwtVcOptions): Promise<string>
  createStatusListToken(args: CreateStatusListTokenArgs): Promise<string>
  createBitstringStatusList(args: CreateBitstringStatusListArgs): Promise<string>
  verifyCard(args: VerifyCityCardArgs): Promise<CardDecision>
}

/**
 * Puts a city's agent together: Veramo with our key management, DIDs, W3C credentials, and our plugins for SD-JWT VC
 * and status.
 * @throws AgentError `ERR_KEY_ENCRYPTION_KEY_INVALID`
 */
export function createAgent(options: CreateAgentOptions): CityAgent {
  const { trustSource, statusSource, clock, chain } = options
  const keys = new NativeKms(options.keyStore, options.keyEncryptionKey)
  const didStore = new VeramoDidStore(options.didStore, keys)

  async function findDocument(did: string): Promise<DIDDocument | undefined> {
    const own = await options.didStore.findDid(did)
    return own === undefined ? options.findDocument?.(did) : describeDid(did)
  }

  async function describeDid(did: string): Promise<DIDDocument> {
    const { keys: managed, services } = await didStore.getDID({ did })
    const parts = await Promise.all(managed.map(({ kid }) => keys.getKey(kid)))
    return createDidDocument({ did, keys: parts.filter((key) => key.type === 'Secp256r1'), services: services as Service[] })
  }

  /** One service for one origin: a DID does not tell http from https, so the origin may change under it. */
  async function linkDomain(did: string, publicUrl: string): Promise<void> {
    const record = await options.didStore.findDid(did)
    const linked = linkedDomainsOf(did, publicUrl)
    if (record === undefined || record.services.some(({ id, serviceEndpoint }) => id === linked.id && serviceEndpoint === linked.serviceEndpoint)) return
    const others = record.services.filter(({ id }) => id !== linked.id)
    await options.didStore.saveDid({ ...record, services: [...others, linked] })
  }

  const credentials = new CredentialPlugin([new NativeJwtProvider(keys)])
  const sdJwtVc = new SdJwtVcPlugin({ keys, trust: trustSource, status: statusSource, clock })
  const status = new StatusPlugin({ keys, status: statusSource })
  const resolver = createDidResolver({
    findDocument,
    ...(chain && { ethr: chain }),
    ...(options.fetchUnknownWeb !== undefined && { fetchUnknownWeb: options.fetchUnknownWeb }),
  })
  const veramo = createVeramoAgent<VeramoMethods>({
    plugins: [
      new KeyManager({ store: new VeramoKeyStore(keys), kms: { [KMS_NAME]: keys } }),
      new DIDManager({
        store: didStore,
        defaultProvider: 'did:web',
        providers: {
          'did:web': new WebDIDProvider({ defaultKms: KMS_NAME }),
          ...(chain && { 'did:ethr': new EthrDIDProvider({ defaultKms: KMS_NAME, networks: [ethrNetwork(chain)] }) }),
        },
      }),
      new DIDResolverPlugin({ resolver }),
      credentials,
      sdJwtVc,
      status,
    ],
  })

  return {
    keys,
    veramo,
    ensureCityDid: (publicUrl) => typed(async () => {
      const did = didWebOf(publicUrl)
      const known = await options.didStore.findDid(did)
      if (known?.controllerKid !== undefined) {
        await linkDomain(did, publicUrl)
        return { did, issuerKid: known.controllerKid }
      }
      const made = await veramo.didManagerCreate({
        provider: 'did:web', alias: did.slice('did:web:'.length), kms: KMS_NAME, options: { keyType: 'Secp256r1' },
      })
      await linkDomain(did, publicUrl)
      return { did: made.did, issuerKid: made.controllerKeyId as string }
    }),
    ensureAccountDid: (kid) => typed(async () => {
      const known = await veramo.didManagerFind({ provider: 'did:ethr' })
      const found = known.find((identifier) => identifier.controllerKeyId === kid)
      if (found !== undefined) return { did: found.did }
      const network = chain && ethrNetwork(chain).name
      const { did } = await veramo.didManagerCreate({ provider: 'did:ethr', options: { keyRef: kid, network } })
      return { did }
    }),
    describeDid: (did) => typed(() => describeDid(did)),
    resolveDid: (didUrl) => typed(async () => {
      const { didDocument, didResolutionMetadata } = await veramo.resolveDid({ didUrl })
      if (didDocument !== null) return didDocument
      throw new AgentError('ERR_DID_UNRESOLVABLE', `The DID does not resolve: ${didResolutionMetadata.error ?? 'unknown'}.`)
    }),
    createDomainLinkageCredential: (args) => typed(() => createDomainLinkageCredential(args, (input) => keys.signJws(args.kid, input))),
    verifyDomainLinkage: (args) => typed(() => verifyDomainLinkage({ ...args, nowSeconds: clock() }, resolver)),
    // Not through `veramo.execute`, which hands every argument and result to its debug log: cards are in them.
    createSdJwtVc: (args) => typed(() => sdJwtVc.methods.createSdJwtVc(args)),
    createJwtVc: (args) => typed(() => issueJwtVc({
      createVerifiableCredential: (vc) => credentials.methods.createVerifiableCredential(vc as never, { agent: veramo } as never),
    }, args)),
    createStatusListToken: (args) => typed(() => status.methods.createStatusListToken(args)),
    createBitstringStatusList: (args) => typed(() => status.methods.createBitstringStatusList(args)),
    verifyCard: (args) => typed(() => sdJwtVc.methods.verifyCityCard(args)),
  }
}

/** Named by its number in hex, as DIDs write it: from a number Veramo would make a DID without the 0x. */
function ethrNetwork({ chainId, rpcUrl, registry }: NonNullable<CreateAgentOptions['chain']>): {
  name: string, chainId: bigint, rpcUrl: string, registry?: string
} {
  return { name: `0x${chainId.toString(16)}`, chainId: BigInt(chainId), rpcUrl, ...(registry !== undefined && { registry }) }
}

/** Veramo and its plugins throw plain errors whose messages are their only code: here they become ours. */
async function typed<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (cause instanceof SymbolonError || cause instanceof TypeError) throw cause
    // What was thrown may quote what was being signed: it stays in the cause.
    throw new AgentError('ERR_AGENT_FAILED', 'The agent could not do this.', { cause })
  }
}
