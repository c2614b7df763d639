import { z } from 'zod'
import { CITY_CARD_CLAIMS } from '../../agent/formats/city-card-claims.ts'
import type { NewVerification, VerificationView } from './service.ts'
import type { Verdict } from './types.ts'

const instant = z.iso.datetime()

export const requestParams = z.object({ request_id: z.string().regex(/^[A-Za-z0-9_-]{32}$/) })

export const createBody = z.strictObject({
  claims: z.array(z.enum(CITY_CARD_CLAIMS)).min(1).max(CITY_CARD_CLAIMS.length).meta({ description: 'What is asked for, and no more' }),
  purpose: z.string().trim().min(1).max(200).meta({ description: 'Why, in words for the holder' }),
  same_device: z.boolean().default(false),
}).meta({ id: 'NewVerificationRequest' })

export const createdSchema = z.object({
  request_id: z.string(),
  request_uri: z.url(),
  authorization_request: z.string(),
  wallet_link: z.url(),
  expires_at: instant,
}).meta({ id: 'VerificationRequestLinks' })

const decisionSchema = z.object({
  accepted: z.boolean(),
  checks: z.array(z.object({
    check: z.string(), outcome: z.enum(['passed', 'failed', 'skipped']), code: z.string().optional(), detail: z.string().optional(),
  })),
  claims: z.record(z.string(), z.unknown()),
  issuer: z.object({ locode: z.string(), name: z.string() }).optional(),
  status: z.object({ epoch: z.int(), age_seconds: z.number() }).optional(),
  decided_at: instant,
}).meta({ id: 'VerificationDecision' })

export const viewSchema = z.object({
  state: z.enum(['waiting', 'opened', 'decided', 'expired']),
  expires_at: instant,
  decision: decisionSchema.optional(),
}).meta({ id: 'VerificationRequest' })

export const verifyBody = z.strictObject({
  presentation: z.string().min(1).max(200_000),
  nonce: z.string().min(8).max(200),
  audience: z.string().min(1).max(500),
  format: z.enum(['dc+sd-jwt', 'jwt_vc_json']),
}).meta({ id: 'Presentation' })

export const verdictSchema = decisionSchema

/** Protocol messages: the agent checks them. */
export const protocolForm = z.record(z.string(), z.unknown())
export const directPostAnswer = z.object({ redirect_uri: z.url().optional() }).meta({ id: 'DirectPostAnswer' })

export const toWireCreated = (created: NewVerification): z.output<typeof createdSchema> => ({
  request_id: created.requestId,
  request_uri: created.requestUri,
  authorization_request: created.authorizationRequest,
  wallet_link: created.walletLink,
  expires_at: created.expiresAt.toISOString(),
})

export const toWireVerdict = (verdict: Verdict): z.output<typeof verdictSchema> => ({
  accepted: verdict.accepted,
  checks: verdict.checks.map((check) => ({ ...check })),
  claims: { ...verdict.claims },
  ...(verdict.issuer && { issuer: { ...verdict.issuer } }),
  ...(verdict.status && { status: { epoch: verdict.status.epoch, age_seconds: verdict.status.ageSeconds } }),
  decided_at: verdict.decidedAt,
})

export const toWireView = ({ state, expiresAt, verdict }: VerificationView): z.output<typeof viewSchema> => ({
  state,
  expires_at: expiresAt.toISOString(),
  ...(verdict !== undefined && { decision: toWireVerdict(verdict) }),
})
