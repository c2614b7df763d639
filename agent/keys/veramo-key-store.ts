import type { IKey, ManagedKeyInfo } from '@veramo/core-types'
import { AbstractKeyStore } from '@veramo/key-manager'
import { AgentError } from '../errors.ts'
import type { NativeKms } from './native-kms.ts'

/**
 * What Veramo's key manager remembers of keys. The key management system already keeps each key's row, so
 * there is nothing to write a second time.
 */
export class VeramoKeyStore extends AbstractKeyStore {
  readonly #kms: NativeKms

  constructor(kms: NativeKms) {
    super()
    this.#kms = kms
  }

  override async importKey(args: Partial<IKey>): Promise<boolean> {
    if (args.privateKeyHex !== undefined) {
      throw new AgentError('ERR_KEY_ALGORITHM_UNSUPPORTED', 'Private keys are imported by the key management system only.')
    }
    return true
  }

  override async getKey({ kid }: { kid: string }): Promise<IKey> {
    return await this.#kms.getKey(kid) as unknown as IKey
  }

  override async deleteKey(): Promise<boolean> {
    return true
  }

  override async listKeys(): Promise<ManagedKeyInfo[]> {
    return this.#kms.listKeys()
  }
}
