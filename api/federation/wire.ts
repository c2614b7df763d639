import { z } from 'zod'

const time = z.iso.datetime()

export const citySchema = z.object({
  locode: z.string(), name: z.string(), did: z.string(), public_url: z.string(), chain_id: z.int(), env: z.enum(['demo', 'production', 'test']),
  status_epoch_seconds: z.int(), controller: z.string(), credential_type: z.string(),
}).meta({ id: 'City' })

export const trustSchema = z.object({
  block: z.object({ number: z.int(), hash: z.string(), time }).nullable(),
  cities: z.array(z.object({
    locode: z.string(), name: z.string(), did: z.string(), service_url: z.string(), status: z.enum(['pending', 'active', 'suspended', 'removed']),
    suspension_reason: z.int().optional(),
  })),
  issuers: z.array(z.object({
    city: z.string(), thumbprint: z.string(), credential_type: z.string(), valid_from: time, valid_until: time, untrusted_from: time.optional(),
  })),
  recognitions: z.array(z.object({
    recogniser: z.string(), issuer: z.string(), credential_type: z.string(), benefit_classes: z.array(z.int()), valid_until: time,
  })),
  programs: z.array(z.object({
    program_id: z.string(), name: z.string(), city: z.string(), from: time, until: time,
    funded: z.int(), redeemed: z.int(), burnt: z.int(), outstanding: z.int(), closed: z.boolean(),
  })),
  status_lists: z.array(z.object({ city: z.string(), uri: z.string(), size: z.int(), epoch: z.int(), digest: z.string(), updated_at: time })),
}).meta({ id: 'Trust' })
