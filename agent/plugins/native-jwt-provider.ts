import type { ICreateVerifiableCredentialArgs, IssuerAgentContext, VerifiableCredential } from '@veramo/core-types'
import { CredentialProviderJWT } from '@veramo/credential-jwt'
import { extractIssuer, MANDATORY_CREDENTIAL_CONTEXT, pickSigningKey, processEntryToArray } from '@veramo/utils'
import { normalizeCredential, transformCredentialInput, validateJwtCredentialPayload } from 'did-jwt-vc'
import { AgentError } from '../errors.ts'
import type { NativeKms } from '../keys/native-kms.ts'

/**
 * Veramo's provider of JWT credentials, with the parts that cost most of its time done natively: it encodes and
 * decodes base64url digit by digit, which for a card with a portrait takes longer than everything else. What a
 * credential is, and whether it is well formed, is left to did-jwt-vc; keys other than P-256 to Veramo.
 */
export class NativeJwtProvider extends CredentialProviderJWT {
  readonly #keys: NativeKms

  constructor(keys: NativeKms) {
    super()
    this.#keys = keys
  }

  override async createVerifiableCredential(args: ICreateVerifiableCredentialArgs, context: IssuerAgentContext): Promise<VerifiableCredential> {
    const did = extractIssuer(args.credential, { removeParameters: true })
    if (did === '') throw new AgentError('ERR_DID_NOT_FOUND', 'The credential names no issuer.')
    const key = pickSigningKey(await context.agent.didManagerGet({ did }), args.keyRef)
    if (key.type !== 'Secp256r1') return super.createVerifiableCredential(args, context)
    const payload = transformCredentialInput({
      ...args.credential,
      '@context': processEntryToArray(args.credential['@context'], MANDATORY_CREDENTIAL_CONTEXT),
      type: processEntryToArray(args.credential.type, 'VerifiableCredential'),
    } as Parameters<typeof transformCredentialInput>[0], args.removeOriginalFields)
    validateJwtCredentialPayload(payload)
    const header = { ...args['header'] as object | undefined, alg: 'ES256', typ: 'JWT' }
    const signingInput = `${encodeJson(header)}.${encodeJson({ ...payload, iss: did })}`
    const jwt = `${signingInput}.${await this.#keys.signJws(key.kid, signingInput)}`
    return { ...normalizeCredential(payload), proof: { type: 'JwtProof2020', jwt } } as VerifiableCredential
  }
}

function encodeJson(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
