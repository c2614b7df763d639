import type { JWK } from 'jose'
import type { CityAgent } from '../../agent/agent.ts'
import { encodeBase64url } from '../../agent/formats/base64url.ts'
import type { CryptoSuite } from '../../agent/formats/crypto-suite.ts'
import { parseAuthorizationResponse } from '../../agent/protocols/authorization-response.ts'
import { createX509HashClientId } from '../../agent/protocols/client-id.ts'
import { createDcqlQuery } from '../../agent/protocols/dcql.ts'
import { ProtocolError } from '../../agent/protocols/errors.ts'
import { createRequestLink, createRequestObject } from '../../agent/protocols/request-object.ts'
import { createResponseEncryptionKey } from '../../agent/protocols/response-encryption.ts'
import type { TrustSource } from '../../agent/trust.ts'
import type { CardDecision } from '../../agent/verification/verify-card.ts'
import { ApiError, OAuthError } from '../platform/errors.ts'
import type { VerificationStore } from './store.ts'
import type { Verdict, VerificationCheck, VerificationRequest } from './types.ts'

/** How long a holder has to answer, in seconds. */
const REQUEST_SECONDS = 300
/** Longer than the agent accepts a holder's signature: nothing forgotten can be shown again. */
const SEEN_SECONDS = 900
const FORMATS: Readonly<Record<string, 'dc+sd-jwt' | 'jwt_vc_json'>> = { card: 'dc+sd-jwt', card_w3c: 'jwt_vc_json' }

export interface VerificationServiceOptions {
  readonly store: VerificationStore
  readonly agent: Pick<CityAgent, 'verifyCard'> & { readonly keys: Pick<CityAgent['keys'], 'signJws'> }
  readonly trust: Pick<TrustSource, 'listAcceptedTypes'>
  readonly issuer: { readonly kid: string; readonly x5c: readonly string[] }
  readonly crypto: CryptoSuite
  readonly locode: string
  readonly cityName: string
  readonly publicUrl: string
  /** Oldest status that still counts, in seconds. */
  readonly maxStatusAgeSeconds: number
  readonly clock: () => Date
  readonly random: (length: number) => Uint8Array
  readonly onDecision?: (outcome: 'accepted' | 'declined') => void
}

export interface NewVerification {
  readonly requestId: string
  readonly requestUri: string
  readonly authorizationRequest: string
  readonly walletLink: string
  readonly expiresAt: Date
}

export interface VerificationView {
  readonly state: 'waiting' | 'opened' | 'decided' | 'expired'
  readonly expiresAt: Date
  readonly verdict: Verdict | undefined
}

export interface VerificationService {
  create(question: { readonly claims: readonly string[]; readonly purpose: string; readonly sameDevice: boolean }): Promise<NewVerification>
  /** @throws ApiError `ERR_NOT_FOUND` */
  read(requestId: string): Promise<VerificationView>
  /** The signed request object. @throws ApiError `ERR_NOT_FOUND` when there is none or it is over */
  requestObject(requestId: string, walletNonce: string | undefined): Promise<string>
  /** Takes a wallet's answer. @throws OAuthError `invalid_request` for whatever is not an answer to this request */
  respond(requestId: string, form: Readonly<Record<string, unknown>>): Promise<{ readonly redirectUri: string | undefined }>
  /** Decides on a presentation that came another way, once. */
  verify(presented: { readonly presentation: string; readonly nonce: string; readonly audience: string; readonly format: 'dc+sd-jwt' | 'jwt_vc_json' }): Promise<Verdict>
}

/** OpenID4VP 1.0 for the gates of a city. */
export function createVerificationService(options: VerificationServiceOptions): VerificationService {
  const { store, agent, trust, issuer, publicUrl, clock, random } = options
  const nowSeconds = (): number => Math.floor(clock().getTime() / 1000)
  const clientId = createX509HashClientId(issuer.x5c[0] ?? '', options.crypto)
  const requestUriOf = (requestId: string): string => `${publicUrl}/oid4vp/requests/${requestId}`

  /** The request as long as it can still be answered. */
  const findOpen = async (requestId: string): Promise<VerificationRequest | undefined> => {
    const request = await store.find(requestId)
    return request === undefined || request.state === 'decided' || request.expiresAt <= clock() ? undefined : request
  }

  const verdictOf = (decision: CardDecision, asked: readonly string[] | undefined): Verdict => {
    const claimsCheck = asked === undefined ? [] : [checkClaims(decision, asked)]
    const accepted = decision.accepted && claimsCheck.every(({ outcome }) => outcome === 'passed')
    const names = asked ?? Object.keys(decision.claims)
    const { issuer, status } = decision
    return {
      accepted,
      checks: [...decision.checks, ...claimsCheck],
      claims: accepted ? Object.fromEntries(names.map((name) => [name, decision.claims[name]])) : {},
      ...(issuer && { issuer: { locode: issuer.locode, name: issuer.name } }),
      ...(status && { status: { epoch: status.epoch, ageSeconds: status.ageSeconds } }),
      decidedAt: clock().toISOString(),
    }
  }

  const decide = (presentation: string, format: 'dc+sd-jwt' | 'jwt_vc_json', audience: string, nonce: string) => agent.verifyCard({
    presentation, format, audience, nonce, verifierCity: options.locode, policy: { maxStatusAgeSeconds: options.maxStatusAgeSeconds },
  })

  const redirectOf = (request: VerificationRequest): { readonly redirectUri: string | undefined } => ({
    redirectUri: request.sameDevice ? `${publicUrl}/verifier/#request=${request.requestId}` : undefined,
  })

  return {
    async create({ claims, purpose, sameDevice }) {
      const requestId = encodeBase64url(random(24))
      const createdAt = clock()
      const expiresAt = new Date(createdAt.getTime() + REQUEST_SECONDS * 1000)
      const { publicJwk, privateJwk } = await createResponseEncryptionKey(encodeBase64url(random(12)))
      await store.insert({
        requestId, nonce: encodeBase64url(random(24)), responseState: encodeBase64url(random(24)),
        encryption: { publicJwk, privateJwk: privateJwk as Record<string, string> },
        claims: [...new Set(claims)], purpose, sameDevice, createdAt, expiresAt,
      })
      const authorizationRequest = createRequestLink(await clientId, requestUriOf(requestId))
      return {
        requestId, requestUri: requestUriOf(requestId), authorizationRequest, expiresAt,
        walletLink: `${publicUrl}/wallet/#request=${encodeURIComponent(authorizationRequest)}`,
      }
    },

    async read(requestId) {
      const request = await store.find(requestId)
      if (request === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such request.')
      const over = request.state !== 'decided' && request.expiresAt <= clock()
      return { state: over ? 'expired' : request.state, expiresAt: request.expiresAt, verdict: request.verdict }
    },

    async requestObject(requestId, walletNonce) {
      const request = await findOpen(requestId)
      if (request === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such request, or no longer.')
      const types = [...new Set((await trust.listAcceptedTypes(options.locode, nowSeconds())).map(({ credentialType }) => credentialType))]
      const vctValues = types.length > 0 ? types : [`${publicUrl}/vct/city-card`]
      const jwt = await createRequestObject({
        clientId: await clientId,
        responseUri: `${publicUrl}/oid4vp/responses/${requestId}`,
        responseMode: 'direct_post.jwt',
        nonce: request.nonce,
        state: request.responseState,
        dcqlQuery: createDcqlQuery({ claims: request.claims, vctValues, jwtVcTypes: vctValues.map((type) => [type]) }),
        clientName: options.cityName,
        encryptionJwk: request.encryption.publicJwk,
        issuedAtSeconds: nowSeconds(),
        expiresAtSeconds: Math.floor(request.expiresAt.getTime() / 1000),
        purpose: request.purpose,
      }, { x5c: issuer.x5c, sign: (input) => agent.keys.signJws(issuer.kid, input) }, walletNonce)
      await store.setOpened(requestId)
      return jwt
    },

    async respond(requestId, form) {
      const request = await findOpen(requestId)
      if (request === undefined) throw new OAuthError('invalid_request', 'The request is unknown, answered or expired.')
      const response = await readResponse(form, request)
      const verdict = response.kind === 'refused' ? refusedVerdict(clock()) : await firstVerdict(response.vpToken)
      if (!(await store.decide(requestId, verdict, clock()))) throw new OAuthError('invalid_request', 'The request was answered already.')
      options.onDecision?.(verdict.accepted ? 'accepted' : 'declined')
      return redirectOf(request)

      async function firstVerdict(vpToken: Readonly<Record<string, readonly string[]>>): Promise<Verdict> {
        // one presentation is what was asked for: the card in its first format that came
        const [id = '', [presentation = ''] = []] = Object.entries(vpToken).sort(([a], [b]) => a.localeCompare(b))[0] ?? []
        const decision = await decide(presentation, FORMATS[id] ?? 'dc+sd-jwt', await clientId, request?.nonce ?? '')
        return verdictOf(decision, request?.claims)
      }
    },

    async verify({ presentation, nonce, audience, format }) {
      const decision = await decide(presentation, format, audience, nonce)
      const verdict = verdictOf(decision, undefined)
      if (!verdict.accepted) return verdict
      if (await store.seeOnce(presentation, new Date(clock().getTime() + SEEN_SECONDS * 1000))) return verdict
      const checks = verdict.checks.map((check) => check.check === 'holder-binding' ? { ...check, outcome: 'failed' as const, code: 'ERR_REPLAYED' } : check)
      return { ...verdict, accepted: false, claims: {}, checks }
    },
  }
}

async function readResponse(form: Readonly<Record<string, unknown>>, { responseState, encryption }: VerificationRequest) {
  try {
    return await parseAuthorizationResponse(form, {
      responseMode: 'direct_post.jwt', state: responseState, queryIds: Object.keys(FORMATS),
      decryption: { kid: encryption.publicJwk.kid, privateJwk: encryption.privateJwk as JWK },
    })
  } catch (error) {
    if (error instanceof ProtocolError) throw new OAuthError('invalid_request', 'The response is not an answer to this request.', { cause: error })
    throw error
  }
}

/** Whether what was asked for was shown; and who asks whether somebody has an age wants to hear yes. */
function checkClaims({ accepted, claims }: CardDecision, asked: readonly string[]): VerificationCheck {
  if (!accepted) return { check: 'claims', outcome: 'skipped' }
  const missing = asked.filter((name) => !(name in claims))
  if (missing.length > 0) return { check: 'claims', outcome: 'failed', code: 'ERR_CLAIMS_MISSING', detail: missing.join(' ') }
  const young = asked.filter((name) => name.startsWith('age_over_') && claims[name] !== true)
  if (young.length > 0) return { check: 'claims', outcome: 'failed', code: 'ERR_AGE_NOT_REACHED', detail: young.join(' ') }
  return { check: 'claims', outcome: 'passed' }
}

/** The holder said no, which is a decision too. */
function refusedVerdict(now: Date): Verdict {
  return { accepted: false, checks: [{ check: 'consent', outcome: 'failed', code: 'ERR_REFUSED_BY_HOLDER' }], claims: {}, decidedAt: now.toISOString() }
}
