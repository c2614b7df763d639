import type { CredentialStatus, IAgentContext, IAgentPlugin, ICheckCredentialStatusArgs } from '@veramo/core-types'
import type { NativeKms } from '../keys/native-kms.ts'
import { createBitstringStatusList, type CreateBitstringStatusListOptions } from '../status/bitstring-status-list.ts'
import { compressNatively } from '../status/compression-node.ts'
import { createStatusListToken, type CreateStatusListTokenOptions } from '../status/token-status-list.ts'
import type { StatusSource } from '../trust.ts'

export type CreateStatusListTokenArgs = Omit<CreateStatusListTokenOptions, 'sign' | 'compress'>

export type CreateBitstringStatusListArgs = Omit<CreateBitstringStatusListOptions, 'sign' | 'compress'>

/** The methods that this plugin adds to a Veramo agent. */
export type StatusPluginMethods = {
  /** Publishes a list as an IETF token status list, signed with the key `header.kid`. */
  createStatusListToken(args: CreateStatusListTokenArgs, context?: IAgentContext<Record<never, never>>): Promise<string>
  /** Publishes one plane of a list as a W3C bitstring status list, signed with the key whose thumbprint ends `header.kid`. */
  createBitstringStatusList(args: CreateBitstringStatusListArgs, context?: IAgentContext<Record<never, never>>): Promise<string>
  /** Veramo asks this for each W3C credential that has a `credentialStatus`. */
  checkCredentialStatus(args: ICheckCredentialStatusArgs, context?: IAgentContext<Record<never, never>>): Promise<CredentialStatus>
}

/** Teaches a Veramo agent both faces of status lists. */
export class StatusPlugin implements IAgentPlugin {
  readonly methods: StatusPluginMethods

  constructor({ keys, status }: { readonly keys: NativeKms, readonly status: StatusSource }) {
    this.methods = {
      createStatusListToken: (args) => createStatusListToken({
        ...args, compress: compressNatively, sign: signerFor(args.header.kid, keys),
      }),
      createBitstringStatusList: (args) => createBitstringStatusList({
        ...args, compress: compressNatively, sign: signerFor(args.header.kid, keys),
      }),
      checkCredentialStatus: ({ credential }) => checkStatusEntries(credential.credentialStatus, status),
    }
  }
}

function signerFor(kid: string, keys: NativeKms): (signingInput: string) => Promise<string> {
  return (signingInput) => keys.signJws(kid.slice(kid.indexOf('#') + 1), signingInput)
}

/** Reads W3C status entries from the local status source; whatever cannot be read counts as revoked. */
async function checkStatusEntries(value: unknown, status: StatusSource): Promise<CredentialStatus> {
  for (const entry of [value].flat()) {
    const { type, statusListCredential, statusListIndex, statusPurpose } = (entry ?? {}) as Record<string, unknown>
    const list = typeof statusListCredential === 'string' ? /^(.+)\/(revocation|suspension)$/.exec(statusListCredential) : null
    if (type !== 'BitstringStatusListEntry' || list === null || list[2] !== statusPurpose || !/^\d{1,10}$/.test(String(statusListIndex))) {
      return { revoked: true }
    }
    const reading = await status.readStatus(list[1] as string, Number(statusListIndex))
    if (reading?.value !== 'valid') return { revoked: true }
  }
  return { revoked: false }
}
