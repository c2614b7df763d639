import type { CredentialStatus, IAgentContext, IAgentPlugin, IKeyManager, ICheckCredentialStatusArgs } from '@veramo/core-types'
import { createBitstringStatusList, type CreateBitstringStatusListOptions } from '../status/bitstring-status-list.ts'
import { compressNatively } from '../status/compression-node.ts'
import { createStatusListToken, type CreateStatusListTokenOptions } from '../status/token-status-list.ts'
import type { StatusSource } from '../trust.ts'

export type CreateStatusListTokenArgs = Omit<CreateStatusListTokenOptions, 'sign' | 'compress'>

export type CreateBitstringStatusListArgs = Omit<CreateBitstringStatusListOptions, 'sign' | 'compress'>

/** The methods that this plugin adds to a Veramo agent. */
export type StatusPluginMethods = {
  /** Publishes a list as an IETF token status list, signed with the key `header.kid`. */
  createStatusListToken(args: CreateStatusListTokenArgs, context: IAgentContext<IKeyManager>): Promise<string>
  /** Publishes one plane of a list as a W3C bitstring status list, signed with the key whose thumbprint ends `header.kid`. */
  createBitstringStatusList(args: CreateBitstringStatusListArgs, context: IAgentContext<IKeyManager>): Promise<string>
  /** Veramo asks this for each W3C credential that has a `credentialStatus`. */
  checkCredentialStatus(args: ICheckCredentialStatusArgs, context: IAgentContext<Record<never, never>>): Promise<CredentialStatus>
}

/** Teaches a Veramo agent both faces of status lists. */
export class StatusPlugin implements IAgentPlugin {
  readonly methods: StatusPluginMethods

  constructor(status: StatusSource) {
    this.methods = {
      createStatusListToken: (args, context) => createStatusListToken({
        ...args, compress: compressNatively, sign: signerFor(args.header.kid, context),
      }),
      createBitstringStatusList: (args, context) => createBitstringStatusList({
        ...args, compress: compressNatively, sign: signerFor(args.header.kid, context),
      }),
      checkCredentialStatus: ({ credential }) => checkStatusEntries(credential.credentialStatus, status),
    }
  }
}

function signerFor(kid: string, context: IAgentContext<IKeyManager>): (data: string) => Promise<string> {
  return (data) => context.agent.keyManagerSign({ keyRef: kid.slice(kid.indexOf('#') + 1), data, algorithm: 'ES256' })
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
