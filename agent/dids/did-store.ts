import type { IIdentifier, IKey } from '@veramo/core-types'
import { AbstractDIDStore } from '@veramo/did-manager'
import { AgentError } from '../errors.ts'
import type { NativeKms } from '../keys/native-kms.ts'

/** A DID of the city. Its keys are in the key store, by their kids. */
export interface DidRecord {
  readonly did: string
  readonly alias: string | undefined
  /** Veramo's provider: `did:web`, `did:ethr`. */
  readonly provider: string
  readonly controllerKid: string | undefined
  readonly kids: readonly string[]
  readonly services: readonly { readonly id: string, readonly type: string, readonly serviceEndpoint: unknown, readonly description?: string }[]
}

/** Where DIDs are kept. `api/platform` implements it. */
export interface DidStore {
  /** Writes a record, over the one of the same DID if there is one. */
  saveDid(record: DidRecord): Promise<void>
  findDid(did: string): Promise<DidRecord | undefined>
  findDidByAlias(alias: string): Promise<DidRecord | undefined>
  listDids(): Promise<readonly DidRecord[]>
  /** False when there was none. */
  deleteDid(did: string): Promise<boolean>
}

/** Our DID store as Veramo's. */
export class VeramoDidStore extends AbstractDIDStore {
  readonly #store: DidStore
  readonly #kms: NativeKms

  constructor(store: DidStore, kms: NativeKms) {
    super()
    this.#store = store
    this.#kms = kms
  }

  override async importDID({ did, alias, provider, controllerKeyId, keys, services }: IIdentifier): Promise<boolean> {
    await this.#store.saveDid({ did, alias, provider, controllerKid: controllerKeyId, kids: keys.map((key) => key.kid), services })
    return true
  }

  override async getDID(args: { did?: string, alias?: string }): Promise<IIdentifier> {
    const record = args.did !== undefined ? await this.#store.findDid(args.did) : await this.#store.findDidByAlias(args.alias as string)
    if (record === undefined) throw new AgentError('ERR_DID_NOT_FOUND', 'This agent does not manage that DID.')
    return this.#toIdentifier(record)
  }

  override async deleteDID({ did }: { did: string }): Promise<boolean> {
    return this.#store.deleteDid(did)
  }

  override async listDIDs(args: { alias?: string, provider?: string }): Promise<IIdentifier[]> {
    const records = (await this.#store.listDids()).filter((record) => {
      return (args.alias === undefined || record.alias === args.alias) && (args.provider === undefined || record.provider === args.provider)
    })
    return Promise.all(records.map((record) => this.#toIdentifier(record)))
  }

  async #toIdentifier({ did, alias, provider, controllerKid, kids, services }: DidRecord): Promise<IIdentifier> {
    const keys = await Promise.all(kids.map(async (kid) => await this.#kms.getKey(kid) as unknown as IKey))
    return {
      did,
      provider,
      keys,
      services: services as IIdentifier['services'],
      ...(alias !== undefined && { alias }),
      ...(controllerKid !== undefined && { controllerKeyId: controllerKid }),
    }
  }
}
